import { mount } from 'svelte';
import './style.css';
import App from './App.svelte';
import { look } from './lib/theme.svelte';

look.start();
mount(App, { target: document.getElementById('page')! });
