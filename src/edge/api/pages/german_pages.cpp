#include "edge/api/pages/german.h"

#include <array>

namespace sallyport::api {

namespace {

constexpr auto wordings = std::to_array<Wording>({
    {"Your name here", "Ihr Benutzername"},
    {"Passphrase", "Passphrase"},
    {"Continue", "Weiter"},
    {"Sign in with a passkey or security key", "Mit Passkey oder Sicherheitsschlüssel anmelden"},
    {"I have an enrolment ticket", "Ich habe ein Einrichtungsticket"},
    {"Sign in", "Anmelden"},
    {"Code from your authenticator app", "Code aus Ihrer Authenticator-App"},
    {"Use a security key", "Sicherheitsschlüssel verwenden"},
    {"Without your authenticator, one of your recovery codes works here once.",
     "Fehlt Ihnen das Anmeldemittel, gilt hier auch einer Ihrer Wiederherstellungscodes, jeder "
     "einmal."},
    {"Second step", "Zweiter Schritt"},
    {"Confirm", "Bestätigen"},
    {"Confirm with a security key", "Mit einem Sicherheitsschlüssel bestätigen"},
    {"What you are about to do asks again who you are. After this, five minutes are free. You come "
     "back to the page that you were on, and so does what you had typed there, if this browser "
     "runs scripts.",
     "Für den nächsten Schritt müssen Sie noch einmal bestätigen, dass Sie es sind. Danach werden "
     "Sie fünf Minuten lang nicht mehr gefragt. Sie kommen auf die Seite zurück, auf der Sie "
     "waren; auch was Sie dort eingegeben hatten, bleibt erhalten, wenn dieser Browser Skripte "
     "ausführt."},
    {"Confirm that it is you", "Bestätigen Sie, dass Sie es sind"},
    {"Open Sallyport on your phone, look whether it shows this place and time, and type this "
     "number there:",
     "Öffnen Sie Sallyport auf Ihrem Smartphone, prüfen Sie, ob dort dieser Ort und diese Zeit "
     "stehen, und geben Sie dort diese Zahl ein:"},
    {"Waiting for your phone, for a minute at most. If it shows nothing, it may be suspended.",
     "Wir warten auf Ihr Smartphone, höchstens eine Minute. Zeigt es nichts an, ist es vielleicht "
     "gesperrt."},
    {"Use a code instead", "Stattdessen einen Code eingeben"},
    {"Your phone has answered.", "Ihr Smartphone hat geantwortet."},
    {"The minute is over.", "Die Minute ist vorbei."},
    {"Go on", "Weiter"},
    {"Ask my phone", "Mein Smartphone fragen"},
    {"Your passphrase is, or may be, known to others. Choose another before you go on, and change "
     "it wherever else you use it.",
     "Ihre Passphrase ist anderen bekannt oder könnte es sein. Wählen Sie eine andere, bevor Sie "
     "weitermachen, und ändern Sie sie überall, wo Sie sie sonst noch verwenden."},
    {"New passphrase", "Neue Passphrase"},
    {"The same again", "Passphrase wiederholen"},
    {"Set it", "Festlegen"},
    {"A new passphrase", "Eine neue Passphrase"},
    {"Your new passphrase is set.", "Ihre neue Passphrase ist festgelegt."},
    {"Sign in with it", "Damit anmelden"},
    {"This Sallyport has no account yet. Whoever started it was shown a one-time code at the "
     "terminal; it makes you the first administrator.",
     "Auf diesem Sallyport gibt es noch kein Konto. Beim Start wurde im Terminal ein Einmalcode "
     "angezeigt; mit ihm richten Sie das erste Administrationskonto ein."},
    {"One-time code", "Einmalcode"},
    {"Your name", "Ihr Name"},
    {"Your name here (to sign in with)", "Ihr Benutzername (für die Anmeldung)"},
    {"Begin", "Beginnen"},
    {"First start", "Erster Start"},
    {"Type the enrolment ticket that you were given. It works once, for you alone.",
     "Geben Sie das Einrichtungsticket ein, das Sie bekommen haben. Es gilt einmal und nur für Sie."
    },
    {"Enrolment ticket", "Einrichtungsticket"},
    {"The help desk's code (only if your account is being recovered)",
     "Code vom Helpdesk (nur wenn Ihr Konto wiederhergestellt wird)"},
    {"Enrol", "Konto einrichten"},
    {"Choose a passphrase. A few words that nobody would guess are better than a short one with "
     "signs in it. It is never asked to be changed because of its age.",
     "Wählen Sie eine Passphrase. Ein paar Wörter, die niemand erraten würde, sind besser als eine "
     "kurze mit Sonderzeichen. Sie müssen sie nie ändern, nur weil sie alt ist."},
    {"Your passphrase", "Ihre Passphrase"},
    {"Code that the app shows now", "Code, den die App jetzt anzeigt"},
    {"Finish", "Abschließen"},
    {"A security key, or a passkey of your phone or computer, is the quickest and can't be tricked "
     "by a false page.",
     "Ein Sicherheitsschlüssel oder ein Passkey Ihres Smartphones oder Computers ist am "
     "schnellsten und lässt sich von keiner gefälschten Seite täuschen."},
    {"Use a security key or passkey", "Sicherheitsschlüssel oder Passkey verwenden"},
    {"Your role asks for one. If nothing happens here, use a browser that knows security keys, and "
     "a page that it trusts.",
     "Ihre Rolle verlangt das. Geschieht hier nichts, verwenden Sie einen Browser, der "
     "Sicherheitsschlüssel unterstützt, und eine Seite, der er vertraut."},
    {"Or an authenticator app", "Oder eine Authenticator-App"},
    {"Or neither, for now", "Oder vorerst keines von beiden"},
    {"Your passphrase alone lets you in. You can add one of these whenever you like, under "
     "Security; "
     "from then on it is asked for.",
     "Ihre Passphrase allein genügt. Sie können jederzeit unter Sicherheit eines davon hinzufügen; "
     "von da an wird danach gefragt."},
    {"Finish with the passphrase alone", "Nur mit der Passphrase abschließen"},
    {"Your authenticator", "Ihr Anmeldemittel"},
    {"Scan this with an authenticator app, or type the text into it. It is shown this once, to you "
     "alone.",
     "Scannen Sie dies mit einer Authenticator-App oder geben Sie den Text dort ein. Beides wird "
     "nur dieses eine Mal und nur Ihnen angezeigt."},
    {"QR code for your authenticator app; the same as text follows",
     "QR-Code für Ihre Authenticator-App; dasselbe folgt als Text"},
    {"You are the only administrator. If you lose your authenticator and your recovery codes, the "
     "way back takes a day at the server's host:",
     "Es gibt nur dieses eine Administrationskonto. Wenn Sie Ihr Anmeldemittel und Ihre "
     "Wiederherstellungscodes verlieren, dauert der Weg zurück am Server einen Tag:"},
    {"You sign in with one thing only. If you lose it, a recovery code or the help desk is the way "
     "back.",
     "Sie melden sich mit nur einem Mittel an. Wenn Sie es verlieren, helfen nur ein "
     "Wiederherstellungscode oder der Helpdesk."},
    {"Add a second one", "Fügen Sie ein zweites hinzu"},
    {", and keep it elsewhere.", ", und bewahren Sie es getrennt auf."},
    {"add a second administrator", "Legen Sie jetzt ein zweites Administrationskonto"},
    {"now.", "an."},
    {"You are signed in. Keep these recovery codes apart from your phone; each works once instead "
     "of an authenticator code. They are shown this once.",
     "Sie sind angemeldet. Bewahren Sie diese Wiederherstellungscodes getrennt von Ihrem "
     "Smartphone auf; jeder gilt einmal anstelle eines Codes aus der Authenticator-App. Sie werden "
     "nur dieses eine Mal angezeigt."},
    {"Your recovery codes", "Ihre Wiederherstellungscodes"},
    {"Enter the code that your app shows now.",
     "Geben Sie den Code ein, den Ihre App jetzt anzeigt."},
    {"What you call it", "Ihre Bezeichnung dafür"},
    {"Rename", "Umbenennen"},
    {"Use again", "Wieder verwenden"},
    {"I mislaid it", "Ich habe es verlegt"},
    {"Remove", "Entfernen"},
    {"How you sign in", "Wie Sie sich anmelden"},
    {"Name", "Name"},
    {"Kind", "Art"},
    {"Since", "Seit"},
    {"Last used", "Zuletzt benutzt"},
    {"Until", "Bis"},
    {"State", "Status"},
    {"Actions", "Aktionen"},
    {"If any of this was not you,", "Wenn etwas davon nicht von Ihnen kam,"},
    {"say so below", "melden Sie es unten"},
    {"I have seen this", "Ich habe das gesehen"},
    {"Add a security key or passkey", "Sicherheitsschlüssel oder Passkey hinzufügen"},
    {"Add", "Hinzufügen"},
    {"Add an authenticator app", "Authenticator-App hinzufügen"},
    {"Add a phone", "Smartphone hinzufügen"},
    {"Open this page on the phone itself, then",
     "Öffnen Sie diese Seite auf dem Smartphone selbst und"},
    {"make it answer your sign-ins", "richten Sie es für Ihre Anmeldungen ein"},
    {"Recovery codes", "Wiederherstellungscodes"},
    {"Each lets you in once without your authenticator. New ones make the earlier ones worthless.",
     "Mit jedem können Sie sich einmal ohne Ihr Anmeldemittel anmelden. Neue Codes machen die "
     "früheren ungültig."},
    {"Make ten new codes", "Zehn neue Codes erstellen"},
    {"Your security", "Ihre Sicherheit"},
    {"Your new authenticator", "Ihr neues Anmeldemittel"},
    {"Keep these apart from your phone; each works once. They are shown this once, and the earlier "
     "ones are worth nothing now.",
     "Bewahren Sie diese Codes getrennt von Ihrem Smartphone auf; jeder gilt einmal. Sie werden "
     "nur dieses eine Mal angezeigt, und die früheren sind jetzt ungültig."},
    {"Done", "Fertig"},
    {"(this one)", "(diese)"},
    {"End", "Beenden"},
    {"Where you are signed in", "Wo Sie angemeldet sind"},
    {"From", "Von"},
    {"Through", "Über"},
    {"Factor", "Faktor"},
    {"End all others", "Alle anderen beenden"},
    {"I called them back on the number on record",
     "Ich habe unter der hinterlegten Nummer zurückgerufen"},
    {"I saw their identity card, in person", "Ich habe den Ausweis gesehen, persönlich"},
    {"I saw their identity card and face, on video",
     "Ich habe Ausweis und Gesicht gesehen, per Video"},
    {"Their manager confirmed it (not enough alone)",
     "Die Führungskraft hat es bestätigt (reicht allein nicht)"},
    {"Read this code to", "Lesen Sie diesen Code"},
    {"now; they write it down. It opens nothing until another person has approved the case and "
     "given them a second code. It is shown this once.",
     "jetzt vor; die Person schreibt ihn auf. Er öffnet nichts, bevor nicht jemand anderes den "
     "Fall genehmigt und der Person einen zweiten Code gegeben hat. Er wird nur dieses eine Mal "
     "angezeigt."},
    {"The case lapses", "Der Fall gilt bis"},
    {"Code for the caller", "Code für die anrufende Person"},
    {"Whoever works on the server's host has the code; it works from now until",
     "Den Code hat, wer am Server selbst arbeitet; er gilt von jetzt an bis"},
    {"Call", "Rufen Sie"},
    {"yourself, on the number on record, and read them this code. With it and with the one that "
     "they were given before they enrol anew at",
     "selbst unter der hinterlegten Nummer an und lesen Sie diesen Code vor. Mit ihm und dem Code, "
     "den sie schon hat, kann die Person ihr Konto neu einrichten: unter"},
    {"/enrol", "/enrol"},
    {", until", ", bis"},
    {". If they know of no recovery, refuse the case. It is shown this once, and not to the agent.",
     ". Weiß die Person nichts von einer Wiederherstellung, lehnen Sie den Fall ab. Der Code wird "
     "nur dieses eine Mal angezeigt, und nicht dem Helpdesk."},
    {"Approved", "Genehmigt"},
    {"Approve", "Genehmigen"},
    {"Reason", "Grund"},
    {"Refuse", "Ablehnen"},
    {"Somebody can't sign in any more", "Jemand kann sich nicht mehr anmelden"},
    {"Make sure who is calling. What a person knows (a date of birth, a personnel number) proves "
     "nothing.",
     "Vergewissern Sie sich, wer anruft. Was jemand weiß (ein Geburtsdatum, eine Personalnummer), "
     "beweist nichts."},
    {"Name here", "Benutzername"},
    {"What you did", "Was Sie getan haben"},
    {"Note, e.g. the help desk's number", "Notiz, etwa die Vorgangsnummer des Helpdesks"},
    {"Open a case", "Fall eröffnen"},
    {"Account", "Konto"},
    {"Asked for by", "Beantragt von"},
    {"Checked", "Geprüft"},
    {"Note", "Notiz"},
    {"Decided by", "Entschieden von"},
    {"Older", "Ältere"},
    {"Recovery", "Wiederherstellung"},
    {"Your session is locked because nothing was done. What you typed is kept for you.",
     "Ihre Sitzung ist gesperrt, weil eine Zeit lang nichts getan wurde. Was Sie eingegeben "
     "hatten, bleibt erhalten."},
    {"Unlock", "Entsperren"},
    {"Unlock with a security key", "Mit einem Sicherheitsschlüssel entsperren"},
    {"I am somebody else", "Ich bin jemand anderes"},
    {"Welcome back,", "Willkommen zurück,"},
    {"Your report is with those who look after such things, together with what happened on your "
     "account lately. A recovery of your account that was under way is refused.",
     "Ihre Meldung liegt jetzt bei den Zuständigen, zusammen mit dem, was zuletzt auf Ihrem Konto "
     "geschah. Lief gerade eine Wiederherstellung Ihres Kontos, ist sie abgelehnt. Andere "
     "Anmeldungen:"},
    {"other sign-ins were ended.", "beendet."},
    {"If somebody may know your passphrase or has your authenticator, remove it under",
     "Wenn jemand Ihre Passphrase kennen könnte oder Ihr Anmeldemittel hat, entfernen Sie es. "
     "Fangen Sie damit gleich unter"},
    {"Reported", "Gemeldet"},
    {"What came of it (the person is told)", "Was daraus wurde (die Person erfährt es)"},
    {"Close the report", "Meldung schließen"},
    {"other sign-ins ended", "andere Anmeldung(en) beendet"},
    {"Closed", "Geschlossen"},
    {"What happened on the account before", "Was vorher auf dem Konto geschah"},
    {"When", "Wann"},
    {"What", "Was"},
    {"By", "Wer"},
    {"Outcome", "Ergebnis"},
    {"Report", "Meldung"},
    {"Whose account", "Wessen Konto"},
    {"What they said", "Was gemeldet wurde"},
    {"Older reports", "Ältere Meldungen"},
    {"Reports", "Meldungen"},
    {"Something is wrong", "Etwas stimmt nicht"},
    {"You see a sign-in, a change or a notice that was not you, or something is lost. Say so: it "
     "is looked into, and nothing happens to you for it.",
     "Sie sehen eine Anmeldung, eine Änderung oder eine Mitteilung, die nicht auf Sie zurückgeht, "
     "oder Sie haben etwas verloren. Sagen Sie es: Wir gehen dem nach, und Sie haben dadurch keine "
     "Nachteile."},
    {"What you noticed (may be empty)", "Was Ihnen aufgefallen ist (darf leer bleiben)"},
    {"End everything else that is signed in as me",
     "Alles andere beenden, was unter meinem Namen angemeldet ist"},
    {"This wasn't me", "Das war ich nicht"},
    {"Who", "Wer"},
    {"Role", "Rolle"},
    {"Sessions", "Sitzungen"},
    {"A program on", "Ein Programm auf"},
    {"this computer", "diesem Computer"},
    {"at the latest, or until you sign out here.", "oder bis Sie sich hier abmelden."},
    {"If you did not just type", "Wenn Sie nicht gerade"},
    {"sallyport login", "sallyport login"},
    {"on this computer, close this page.",
     "auf diesem Computer eingegeben haben, schließen Sie diese Seite."},
    {"Let it act for me", "Für mich handeln lassen"},
    {"Sign in at the command line", "Anmeldung an der Kommandozeile"},
    {"The program is told now. If this page stays,",
     "Das Programm wird jetzt benachrichtigt. Bleibt diese Seite stehen,"},
    {"go on", "fahren Sie hier fort"},
    {"Ask for access", "Zugriff beantragen"},
    {"Device", "Gerät"},
    {"What you will do", "Was Sie vorhaben"},
    {"Change ticket", "Change-Ticket"},
    {"From (UTC)", "Von (UTC)"},
    {"Until (UTC)", "Bis (UTC)"},
    {"Special capabilities, e.g. firmware", "Besondere Funktionen, etwa firmware"},
    {"Ask", "Beantragen"},
    {"Something about how you sign in has changed, or is about to:",
     "Bei Ihrer Anmeldung hat sich etwas geändert oder wird sich bald etwas ändern:"},
    {"read it", "Lesen Sie hier nach"},
    {"Choose above what you want to look at.", "Wählen Sie oben, was Sie ansehen möchten."},
    {"Hello,", "Guten Tag,"},
    {"I have read this", "Ich habe das gelesen"},
    {"Visits are recorded", "Zugriffe werden aufgezeichnet"},
    {"Devices you may reach now", "Geräte, auf die Sie jetzt zugreifen dürfen"},
    {"ticket", "Ticket"},
    {"None. Ask for access below.", "Keine. Beantragen Sie unten einen Zugriff."},
    {"Your requests", "Ihre Anträge"},
    {"Why", "Zweck"},
    {"Older requests", "Ältere Anträge"},
    {"Your recovery codes were made anew; the earlier ones are worth nothing.",
     "Ihre Wiederherstellungscodes wurden neu erstellt; die früheren sind ungültig."},
    {"The help desk (", "Der Helpdesk ("},
    {"The recovery of your account was approved by",
     "Die Wiederherstellung Ihres Kontos wurde genehmigt von"},
    {"A recovery of your account was refused.",
     "Eine Wiederherstellung Ihres Kontos wurde abgelehnt."},
    {"Your account was recovered: everything that it was signed in with before is worth nothing "
     "now.",
     "Ihr Konto wurde wiederhergestellt: Alles, womit Sie sich vorher angemeldet haben, ist jetzt "
     "ungültig."},
    {"Somebody on the server's host asked for the recovery of “",
     "Am Server selbst hat jemand die Wiederherstellung eines Administrationskontos beantragt: „"},
    {"Your report was looked into:", "Ihre Meldung wurde geprüft:"},
    {"Your passphrase was in somebody else's hands; you have set a new one.",
     "Ihre Passphrase war in fremden Händen; Sie haben eine neue festgelegt."},
    {"A sign-in was refused on your phone as not yours. Somebody knows your passphrase: change it "
     "now.",
     "Auf Ihrem Smartphone wurde eine Anmeldung abgelehnt, die nicht von Ihnen kam. Jemand kennt "
     "Ihre Passphrase: Ändern Sie sie jetzt."},
    {"Home", "Startseite"},
    {"Grants", "Freigaben"},
    {"Open visits", "Laufende Zugriffe"},
    {"Recordings", "Aufzeichnungen"},
    {"People", "Personen"},
    {"Workstations", "Arbeitsplätze"},
    {"Devices", "Geräte"},
    {"Audit", "Protokoll"},
    {"Policy", "Richtlinie"},
    {"Outages", "Ausfälle"},
    {"Main", "Hauptmenü"},
    {"Sign out", "Abmelden"},
    {"Skip to the content", "Zum Inhalt springen"},
    {"What is done here asks again who you are.",
     "Wenn Sie hier etwas ändern, müssen Sie noch einmal bestätigen, dass Sie es sind."},
    {"Confirm it first", "Bestätigen Sie das zuerst"},
    {": then nothing that you type is lost.", ": Dann geht nichts verloren, was Sie eingeben."},
    {"Back to the start", "Zur Startseite"},
    {"This browser becomes the phone that is asked when you sign in. Do this on the phone itself.",
     "Dieser Browser wird zu dem Smartphone, das bei Ihrer Anmeldung gefragt wird. Machen Sie das "
     "auf dem Smartphone selbst."},
    {"Read this first", "Lesen Sie zuerst dies"},
    {"A question comes only when somebody typed your passphrase. If that was not you, press “It "
     "wasn’t me”, and change your passphrase.",
     "Eine Rückfrage kommt nur, wenn jemand Ihre Passphrase eingegeben hat. Waren Sie das nicht, "
     "tippen Sie auf „Das war ich nicht“ und ändern Sie Ihre Passphrase."},
    {"Whoever sends question after question hopes that you give in. Never do: after three, "
     "questions stop by themselves.",
     "Wer eine Rückfrage nach der anderen schickt, hofft, dass Sie nachgeben. Tun Sie das nie: "
     "Nach drei hören die Rückfragen von selbst auf."},
    {"Type a number only from the sign-in page in front of you. Nobody of the hospital ever tells "
     "you one by telephone or message.",
     "Geben Sie nur eine Zahl ein, die auf der Anmeldeseite vor Ihnen steht. Niemand aus dem "
     "Krankenhaus nennt Ihnen je eine am Telefon oder in einer Nachricht."},
    {"Look at the place and the time before you type.",
     "Sehen Sie sich Ort und Zeit an, bevor Sie etwas eingeben."},
    {"I have read this.", "Ich habe das gelesen."},
    {"Add this phone", "Dieses Smartphone hinzufügen"},
    {"A phone needs a browser that runs scripts.",
     "Auf dem Smartphone muss der Browser Skripte ausführen."},
    {"Wake this phone by messages", "Dieses Smartphone durch Nachrichten wecken"},
    {"Waiting for a question.", "Es wird auf eine Rückfrage gewartet."},
    {"Somebody is signing in with your passphrase:",
     "Jemand meldet sich gerade mit Ihrer Passphrase an:"},
    {"Where to", "Wohin"},
    {"At", "Zeit"},
    {"The number on the sign-in page", "Die Zahl auf der Anmeldeseite"},
    {"Send the number", "Zahl senden"},
    {"Not now", "Jetzt nicht"},
    {"It wasn’t me", "Das war ich nicht"},
    {"Your phone", "Ihr Smartphone"},
    {"Stay signed in", "Angemeldet bleiben"},
    {"Sallyport can't do this right now.", "Das kann Sallyport gerade nicht."},
    {"Something went wrong here.", "Hier ist etwas schiefgegangen."},
    {"Nothing was changed.", "Es wurde nichts geändert."},
    {"See whether it was done before you try again.",
     "Prüfen Sie, ob es ausgeführt wurde, bevor Sie es noch einmal versuchen."},
    {"How was their identity checked?", "Wie wurde die Identität geprüft?"},
    {"Not yet", "Noch nicht"},
    {"In person", "Persönlich"},
    {"Over video, supervised", "Per Video, unter Aufsicht"},
    {"By personnel, when they were hired", "Von der Personalabteilung, bei der Einstellung"},
    {"What was shown (its kind, not its number)", "Was gezeigt wurde (Art, nicht Nummer)"},
    {"Who looked at it, if not you", "Wer es angesehen hat, wenn nicht Sie"},
    {"Statistics", "Statistik"},
    {"This sign-in opens no device: when you signed in, your browser ran no scripts or kept no "
     "key. Sign out, allow scripts for this page, and sign in again in a window that is not "
     "private.",
     "Diese Anmeldung öffnet kein Gerät: Ihr Browser hat bei der Anmeldung keine Skripte "
     "ausgeführt oder keinen Schlüssel behalten. Melden Sie sich ab, erlauben Sie Skripte für "
     "diese Seite und melden Sie sich in einem Fenster wieder an, das nicht privat ist."},
    {"Badges", "Ausweise"},
    {"At a workstation with a badge reader you can",
     "An einem Arbeitsplatz mit Ausweisleser können Sie"},
    {"add a badge or change its PIN", "einen Ausweis hinzufügen oder seine PIN ändern"},
    {"Use the passphrase", "Passphrase verwenden"},
    {"Locked", "Gesperrt"},
    {"A card is on the reader.", "Auf dem Leser liegt eine Karte."},
    {"My badge", "Mein Ausweis"},
    {"Add this badge", "Diesen Ausweis hinzufügen"},
    {"Open this page at a workstation with a badge reader.",
     "Öffnen Sie diese Seite an einem Arbeitsplatz mit Ausweisleser."},
    {"Put your card on the reader.", "Legen Sie Ihre Karte auf den Leser."},
    {"That card is a badge already. Put on another.",
     "Diese Karte ist schon ein Ausweis. Legen Sie eine andere auf."},
    {"Look again", "Noch einmal nachsehen"},
    {"Another PIN for “", "Andere PIN für „"},
    {"Change it", "Ändern"},
    {"Put your badge on the reader.", "Legen Sie Ihren Ausweis auf den Leser."},
    {"That badge did not prove itself. Hold it on the reader longer.",
     "Dieser Ausweis hat sich nicht ausgewiesen. Halten Sie ihn länger auf den Leser."},
    {"This card proves itself: a copy of its number opens nothing.",
     "Diese Karte weist sich selbst aus: Eine Kopie ihrer Nummer öffnet nichts."},
    {"This card says a number only, which can be copied.",
     "Diese Karte nennt nur eine Nummer, und die lässt sich kopieren."},
    {"That card is not known here.", "Diese Karte ist hier nicht bekannt."},
    {"That badge is not in use now. Sign in without it.",
     "Dieser Ausweis gilt im Moment nicht. Melden Sie sich ohne ihn an."},
    {"Type the PIN of this badge. The tenth wrong one suspends it.",
     "Geben Sie die PIN dieses Ausweises ein. Die zehnte falsche sperrt ihn."},
    {"A badge with its PIN opens what you left locked at a workstation of the ward. It is no "
     "sign-in: once a shift you show all your factors.",
     "Ein Ausweis mit seiner PIN öffnet, was Sie an einem Arbeitsplatz der Station gesperrt "
     "zurückgelassen haben. Er ersetzt keine Anmeldung: Einmal je Schicht zeigen Sie alle Ihre "
     "Faktoren."},
    {"Add a badge", "Ausweis hinzufügen"},
    {"Back to your security", "Zurück zu Ihrer Sicherheit"},
    {"Your badges", "Ihre Ausweise"},
    {"One moment.", "Einen Moment."},
    {"Try again", "Noch einmal versuchen"},
    {"or go", "oder"},
    {"back to the start", "zurück zum Anfang"},
    {"Devices open in a browser that runs scripts: it signs with a key of its own, so that nobody "
     "else can use your sign-in. Allow scripts for this page, then sign in again.",
     "Geräte öffnen sich in einem Browser, der Skripte ausführt: Er unterschreibt mit einem "
     "eigenen Schlüssel, damit niemand anders Ihre Anmeldung benutzen kann. Erlauben Sie Skripte "
     "für diese Seite und melden Sie sich dann wieder an."},
    {"Opening", "Wird geöffnet"},
    {"Before you type, look at the address bar. It must begin with",
     "Sehen Sie auf die Adresszeile, bevor Sie etwas eingeben. Sie muss so beginnen:"},
    {". If it shows anything else, close this page.",
     ". Steht dort etwas anderes, schließen Sie diese Seite."},
    {"Each lets you in once beside your passphrase, to bring a new authenticator, or when yours is "
     "out of reach. Somebody else has to agree to new ones; they never see them.",
     "Jeder lässt Sie neben Ihrer Passphrase einmal herein, um ein neues Anmeldemittel "
     "einzurichten oder wenn Ihres nicht zur Hand ist. Neuen Codes muss jemand anders zustimmen; "
     "gesehen werden sie nur von Ihnen."},
    {"You may have new ones, until", "Sie dürfen neue erzeugen, bis"},
    {". They make the earlier ones worthless.", ". Die früheren werden dadurch wertlos."},
    {"You have asked for new ones; nobody has decided yet.",
     "Sie haben neue beantragt; noch hat niemand entschieden."},
    {"Why you need new codes", "Warum Sie neue Codes brauchen"},
    {"Ask for new codes", "Neue Codes beantragen"},
    {"New recovery codes", "Neue Wiederherstellungscodes"},
    {"Ask the person themselves whether they want them. You see none of the codes.",
     "Fragen Sie die Person selbst, ob sie sie will. Sie sehen keinen der Codes."},
    {"With two security keys or passkeys that ask for a PIN or fingerprint you can give your "
     "passphrase up. You have",
     "Mit zwei Sicherheitsschlüsseln oder Passkeys, die nach PIN oder Fingerabdruck fragen, können "
     "Sie Ihre Passphrase aufgeben. Sie haben"},
    {"add another", "weitere hinzufügen"},
    {"You have", "Sie haben"},
    {"keys that sign you in alone. Without a passphrase nobody can guess or steal one; nothing of "
     "it is kept here. Your recovery codes work only beside a passphrase, and you keep at least "
     "two keys: if you lose them all, the help desk recovers your account.",
     "Schlüssel, die Sie allein anmelden. Ohne Passphrase kann niemand eine erraten oder stehlen; "
     "hier wird nichts davon aufbewahrt. Ihre Wiederherstellungscodes gelten nur neben einer "
     "Passphrase, und Sie behalten mindestens zwei Schlüssel: Verlieren Sie alle, stellt der "
     "Helpdesk Ihr Konto wieder her."},
    {"Sign in without a passphrase", "Ohne Passphrase anmelden"},
    {"Do without it", "Darauf verzichten"},
    {"You sign in without a passphrase. Nobody can see that at the sign-in; there, choose your "
     "passkey or security key.",
     "Sie melden sich ohne Passphrase an. Bei der Anmeldung sieht das niemand; wählen Sie dort "
     "Ihren Passkey oder Sicherheitsschlüssel."},
    {"Have one again", "Wieder eine haben"},
    {"Add a smart card", "Chipkarte hinzufügen"},
    {"You signed in with a recovery code. Add a new authenticator below, within 15 minutes of "
     "that, then",
     "Sie haben sich mit einem Wiederherstellungscode angemeldet. Fügen Sie unten innerhalb von 15 "
     "Minuten danach ein neues Anmeldemittel hinzu, dann"},
    {"confirm with it", "bestätigen Sie damit"},
    {": until then you can do nothing else.", ": Bis dahin können Sie nichts anderes tun."},
    {"Change your passphrase, or do without it", "Passphrase ändern oder darauf verzichten"},
    {"Your recovery code was right. Your role asks for a security key or passkey: bring a new one "
     "now, within 15 minutes. The code is used up when that is done, and then you are signed in. "
     "Remove the key that you lost under Your security.",
     "Ihr Wiederherstellungscode war richtig. Ihre Rolle verlangt einen Sicherheitsschlüssel oder "
     "Passkey: Richten Sie jetzt innerhalb von 15 Minuten einen neuen ein. Erst dann ist der Code "
     "verbraucht, und Sie sind angemeldet. Entfernen Sie den verlorenen Schlüssel unter Ihre "
     "Sicherheit."},
    {"Use a new security key or passkey", "Neuen Sicherheitsschlüssel oder Passkey verwenden"},
    {"If nothing happens here, use a browser that knows security keys, and a page that it trusts.",
     "Geschieht hier nichts, verwenden Sie einen Browser, der Sicherheitsschlüssel unterstützt, "
     "und eine Seite, der er vertraut."},
    {"A new security key", "Ein neuer Sicherheitsschlüssel"},
    {"Were it not you who failed? A passkey works at once, and so does your usual computer. Or add "
     "one of your recovery codes here; it is not used up by that.",
     "Waren nicht Sie es, der sich vertan hat? Ein Passkey geht sofort, Ihr üblicher Computer "
     "auch. Oder geben Sie hier einen Ihrer Wiederherstellungscodes mit ein; er wird dadurch nicht "
     "verbraucht."},
    {"Recovery code", "Wiederherstellungscode"},
    {"Sign in with a smart card", "Mit Chipkarte anmelden"},
    {"Without your authenticator, one of your recovery codes works here once. It gives you back "
     "your way in; to do more, bring a new authenticator.",
     "Fehlt Ihnen das Anmeldemittel, gilt hier auch einer Ihrer Wiederherstellungscodes, jeder "
     "einmal. Er gibt Ihnen den Zugang zurück; für mehr richten Sie ein neues Anmeldemittel ein."},
    {"Use a smart card", "Chipkarte verwenden"},
    {"Confirm with a smart card", "Mit Chipkarte bestätigen"},
    {"passphrase", "Passphrase"},
    {"authenticator app", "Authenticator-App"},
    {"security key or passkey", "Sicherheitsschlüssel oder Passkey"},
    {"phone", "Smartphone"},
    {"smart card", "Chipkarte"},
    {"badge", "Ausweis"},
    {"recovery codes", "Wiederherstellungscodes"},
    {"authenticator", "Anmeldemittel"},
    {"works", "gültig"},
    {"not yet confirmed", "noch nicht bestätigt"},
    {"suspended", "gesperrt"},
    {"suspended by an administrator", "von der Administration gesperrt"},
    {"removed", "entfernt"},
    {"expired", "abgelaufen"},
    {"unknown", "unbekannt"},
    {"left", "übrig"},
    {"Tell an operator this number:", "Nennen Sie dem IT-Betrieb diese Nummer:"},
    {") asks to act with your rights, as", ") möchte mit Ihren Rechten handeln, als"},
    {"), until", "), längstens bis"},
    {"browser", "Browser"},
    {"command line", "Kommandozeile"},
    {", limited", ", eingeschränkt"},
    {"Soon signing in takes two factors for everybody.",
     "Bald braucht die Anmeldung für alle zwei Faktoren."},
    {"Add an authenticator app or a passkey before that.",
     "Fügen Sie vorher eine Authenticator-App oder einen Passkey hinzu."},
    {"From:", "Ab:"},
    {"This server sends no mail. Call your help desk: they make sure who you are, and never learn "
     "your passphrase.",
     "Dieser Server verschickt keine Mails. Rufen Sie Ihren Helpdesk an: Dort wird geprüft, dass "
     "Sie es sind; Ihre Passphrase erfährt dort niemand."},
    {"Forgot your passphrase?", "Passphrase vergessen?"},
    {"Patients get a code at the mail address that the hospital knows. Whoever works here calls "
     "the help desk.",
     "Patientinnen und Patienten bekommen einen Code an die Mailadresse, die die Klinik kennt. Wer "
     "hier arbeitet, ruft den Helpdesk an."},
    {"Type in the code", "Code eingeben"},
    {"If that name can be recovered by mail, a code is on its way to the address that the hospital "
     "knows. It works once, within four hours. If nothing comes, call the hospital.",
     "Wenn dieses Konto per Mail wiederhergestellt werden kann, ist ein Code unterwegs an die "
     "Adresse, die die Klinik kennt. Er gilt einmal und vier Stunden lang. Wenn nichts ankommt, "
     "rufen Sie in der Klinik an."},
    {"Code from the mail", "Code aus der Mail"},
    {"The help desk asked for the recovery of your account. If you did not call them, say so "
     "below: it will be refused. Who asked:",
     "Der Helpdesk hat die Wiederherstellung Ihres Kontos beantragt. Wenn Sie dort nicht angerufen "
     "haben, sagen Sie es unten: Dann wird sie abgelehnt. Beantragt von:"},
    {"The recovery of your account was approved. If you did not ask for it, say so below at once. "
     "Approved by:",
     "Die Wiederherstellung Ihres Kontos wurde genehmigt. Wenn Sie nicht darum gebeten haben, "
     "sagen Sie es sofort unten. Genehmigt von:"},
    {"Somebody on the server's host asked for the recovery of an administrator's account. Approve "
     "or refuse it under Recovery. The account:",
     "Auf dem Server selbst wurde die Wiederherstellung eines Administrationskontos beantragt. "
     "Genehmigen Sie sie unter „Wiederherstellung“ oder lehnen Sie sie dort ab. Das Konto:"},
    {"An administrator changed the mail address that you are told things at.",
     "Die Administration hat die Mailadresse geändert, an die Sie benachrichtigt werden."},
    {"Somebody asked for a code to recover your account with; it was sent to your mail address.",
     "Jemand hat einen Code angefordert, um Ihr Konto wiederherzustellen; er ging an Ihre "
     "Mailadresse."},
    {"Soon signing in takes two factors for everybody. Add an authenticator app or a passkey "
     "before that. From:",
     "Bald braucht die Anmeldung für alle zwei Faktoren. Fügen Sie vorher eine Authenticator-App "
     "oder einen Passkey hinzu. Ab:"},
    {"Your passphrase was forgotten, or may be known to others. Choose another before you go on; "
     "if others know it, change it wherever else you use it.",
     "Ihre Passphrase wurde vergessen oder könnte anderen bekannt sein. Wählen Sie eine neue, "
     "bevor Sie weitermachen; wenn andere sie kennen, ändern Sie sie überall, wo Sie sie sonst "
     "verwenden."},
    {"Signing in takes two factors now, for everybody: your passphrase and an authenticator app on "
     "your phone, or a security key or passkey. It takes a minute, once.",
     "Die Anmeldung braucht jetzt für alle zwei Faktoren: Ihre Passphrase und eine "
     "Authenticator-App auf Ihrem Telefon oder einen Sicherheitsschlüssel oder Passkey. Es dauert "
     "einmal eine Minute."},
    {"Set up my app", "App einrichten"},
    {"A second factor", "Ein zweiter Faktor"},
    {"Welcome back", "Willkommen zurück"},
    {"was added to your account.", "wurde Ihrem Konto hinzugefügt."},
    {"will soon stop working. Add another in its place.",
     "gilt bald nicht mehr. Fügen Sie stattdessen ein anderes Anmeldemittel hinzu."},
    {"has stopped working: its time is over.", "gilt nicht mehr: Die Zeit dafür ist abgelaufen."},
    {"was removed from your account.", "wurde aus Ihrem Konto entfernt."},
    {"was suspended.", "wurde gesperrt."},
    {"is no longer suspended.", "ist nicht mehr gesperrt."},
    {"has another end: an administrator changed the day on which it stops working.",
     "läuft zu einem anderen Zeitpunkt ab: Die Administration hat ihn geändert."},
    {"reported that something is wrong with their account. Look under Reports.",
     "hat gemeldet, dass mit dem eigenen Konto etwas nicht stimmt. Sehen Sie unter „Meldungen“ "
     "nach."},
    {"said on their phone that a sign-in was not theirs: somebody knows their passphrase. Speak to "
     "them, and look in the audit log where it came from.",
     "hat auf dem Smartphone angegeben, dass eine Anmeldung nicht von ihm oder ihr kam: Jemand "
     "kennt die Passphrase. Sprechen Sie mit der Person und sehen Sie im Prüfprotokoll nach, woher "
     "die Anmeldung kam."},
    {"got three questions on their phone in ten minutes and approved none: their phones are "
     "suspended. Speak to them, and look in the audit log where the questions came from.",
     "bekam in zehn Minuten drei Anfragen auf das Smartphone und stimmte keiner zu: Die "
     "Smartphones "
     "sind gesperrt. Sprechen Sie mit der Person und sehen Sie im Prüfprotokoll nach, woher die "
     "Anfragen kamen."},
    {"agreed to new recovery codes for you: make them below.",
     "hat neuen Wiederherstellungscodes für Sie zugestimmt: Erzeugen Sie sie unten."},
    {"refused you new recovery codes.", "hat neue Wiederherstellungscodes für Sie abgelehnt."},
    {"PIN of your badge", "PIN Ihres Ausweises"},
    {"PIN: 6 to 12 digits", "PIN: 6 bis 12 Ziffern"},
    // Ends what „ began.
    {"”", "“"},
    {"denied", "abgelehnt"},
    {"ended early", "vorzeitig beendet"},
    {"over", "vorbei"},
    {"waiting for an approver", "wartet auf Genehmigung"},
    {"open now", "jetzt offen"},
    {"approved, not begun", "genehmigt, noch nicht begonnen"},
    {"(nothing was written)", "(ohne Text)"},
    {"open", "offen"},
    {"closed", "geschlossen"},
    {"approved", "genehmigt"},
    {"refused", "abgelehnt"},
    {"completed", "abgeschlossen"},
    {"lapsed", "verfallen"},
    {"the server's host", "direkt am Server"},
    {"This is", "Dies ist"},
    {"A workstation that was registered with its certificate is recognised by it.",
     "Ein Arbeitsplatz, der mit seinem Zertifikat registriert wurde, wird daran erkannt."},
    {"Recognise this workstation", "Diesen Arbeitsplatz erkennen"},
    {"This workstation", "Dieser Arbeitsplatz"},
    {"Only a sign-in that is under way leads here; this one is over.",
     "Hierher führt nur eine laufende Anmeldung; diese ist vorbei."},
});

}  // namespace

std::span<const Wording> german_of_pages() noexcept {
    return wordings;
}

}  // namespace sallyport::api
