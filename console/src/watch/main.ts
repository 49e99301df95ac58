import '@fontsource-variable/inter/wght.css'
import { mount } from 'svelte'
import '../style/tokens.css'
import '../style/base.css'
import './watch.css'
import Watch from './Watch.svelte'
import { keepShell } from './shell.ts'

const target = document.getElementById('app')
if (target) mount(Watch, { target })
void keepShell()
