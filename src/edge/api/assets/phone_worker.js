// Wakes the phone: a push message says that there is a question, and nothing of it. The page fetches
// the question over its own connection.
'use strict';

self.addEventListener('push', (event) => {
    event.waitUntil(self.registration.showNotification('Sallyport', {
        body: 'Somebody is signing in with your passphrase.', tag: 'question', icon: '/phone/icon.svg',
    }));
});

self.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(self.clients.openWindow('/phone/question'));
});
