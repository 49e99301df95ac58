import '@fontsource-variable/inter/wght.css'
import { mount } from 'svelte'
import App from './App.svelte'
import './style/tokens.css'
import './style/base.css'
import './style/duty.css'
import './style/map.css'

const target = document.getElementById('app')
if (target) mount(App, { target })
