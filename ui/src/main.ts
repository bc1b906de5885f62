import { t } from './language/language';
import './styles/base.css';
import './styles/frame.css';

import { mount } from 'svelte';

import { choose } from './backend/backend';
import { plan } from './plan/plan.svelte';
import App from './shell/App.svelte';

const target = document.getElementById('app');
if (target) {
  if (await choose()) {
    // Read while the window is made.
    plan.begin();
    // The page's own frame: `mount` adds to what is there.
    target.replaceChildren();
    mount(App, { target });
  } else target.textContent = t('shell.elsewhere');
}
