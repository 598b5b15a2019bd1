import { mount } from 'svelte';
import './style.css';
import App from './App.svelte';
import { look } from './lib/theme.svelte';

look.start();
const target = document.getElementById('page')!;
// The picture of related ids comes late, as it brings dagre with it.
if (location.pathname.endsWith('/related')) void import('./Related.svelte').then((page) => mount(page.default, { target }));
else if (/\/(wall|incident|deploys|quarter|rules|slos)$/.test(location.pathname)) void import('./Watch.svelte').then((page) => mount(page.default, { target }));
else mount(App, { target });
