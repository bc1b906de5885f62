// The gallery: every component in its states, for who works on them. It is no part of the product.

import '../styles/base.css';

import { mount } from 'svelte';

import Gallery from './Gallery.svelte';

const target = document.getElementById('app');
if (target) mount(Gallery, { target });
