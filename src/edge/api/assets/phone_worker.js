// Wakes the phone: a push message says that there is a question, and nothing of it. The page fetches
// the question over its own connection.
'use strict';

// There is no page here whose language could be asked for.
const body = self.navigator.language?.startsWith('de')
    ? 'Jemand meldet sich mit Ihrer Passphrase an.' : 'Somebody is signing in with your passphrase.';

self.addEventListener('push', (event) => {
    event.waitUntil(self.registration.showNotification('Sallyport', {
        body, tag: 'question', icon: '/phone/icon.svg',
    }));
});

self.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(self.clients.openWindow('/phone/question'));
});
