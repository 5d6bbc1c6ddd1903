// Fills the page's places for views: <div data-view="factor-outages">. The frame around them
// (navigation, heading) is the server's.
import {mount, type Component} from 'svelte';
import FactorOutages from './views/FactorOutages.svelte';
import SignInStatistics from './views/SignInStatistics.svelte';

const views: Record<string, Component> = {
    'factor-outages': FactorOutages,
    'sign-in-statistics': SignInStatistics,
};

for (const place of document.querySelectorAll<HTMLElement>('[data-view]')) {
    const view = views[place.dataset.view ?? ''];
    if (view) mount(view, {target: place});
}
