import { t } from './language/language';
import './styles/base.css';

import { mount } from 'svelte';

import { choose } from './backend/backend';
import App from './shell/App.svelte';

const target = document.getElementById('app');
if (target) {
  if (await choose()) mount(App, { target });
  else target.textContent = t('shell.elsewhere');
}
