/** Every sentence of the mails in German. */

import { factors } from './de-factors.ts';
import type { Sentences } from './en.ts';
import { amountIn, momentIn } from './format.ts';

const amount = amountIn('de');

export const de: Sentences = {
  openApp: (product) => `${product} öffnen`,
  getHelp: 'Hilfe',
  notMe: 'Das war ich nicht',

  facts: { when: 'Wann', from: 'Von', device: 'Gerät', unknown: 'unbekannt' },
  moment: momentIn('de'),
  browserOn: (browser, device) => `${browser} auf ${device}`,

  verifyEmail: (product, { code, minutes }) => ({
    subject: code ? `${code} ist Ihr Code für ${product}` : `Bestätigen Sie Ihre Adresse für ${product}`,
    heading: code ? 'Ihr Code ist da' : 'Bestätigen Sie Ihre Adresse',
    preview: code
      ? `${code}: Geben Sie ihn innerhalb von ${amount(minutes, 'minute')} dort ein, wo Sie sich registriert haben.`
      : 'Öffnen Sie den Link, um die Registrierung abzuschließen.',
    enterCode: `Geben Sie diesen Code dort ein, wo Sie sich registriert haben. Er gilt ${amount(minutes, 'minute')}, nachdem Sie ihn angefordert haben.`,
    orOpen: 'Oder öffnen Sie diesen Link und bestätigen Sie mit dem Passwort, das Sie gewählt haben:',
    open: 'Öffnen Sie diesen Link und bestätigen Sie mit dem Passwort, das Sie gewählt haben:',
    button: 'Adresse bestätigen',
    note: 'Wenn Sie sich nicht registriert haben, ignorieren Sie diese Mail. Ohne sie entsteht kein Konto.',
  }),

  resetPassword: (product, { minutes }) => ({
    subject: `Neues Passwort für ${product}`,
    preview: `Der Link gilt einmal, ${amount(minutes, 'minute')} lang.`,
    asked: `Jemand, hoffentlich Sie, hat ein neues Passwort angefordert. Dieser Link gilt einmal, bis ${amount(minutes, 'minute')} nach der Anforderung:`,
    button: 'Neues Passwort setzen',
    after: 'Danach sind alle Ihre Geräte abgemeldet.',
    note: 'Wenn Sie das nicht waren, ignorieren Sie diese Mail. Ihr Passwort bleibt, wie es ist.',
  }),

  changeEmailCode: (product, { code, minutes }) => ({
    subject: `${code} ist Ihr Code für ${product}`,
    heading: 'Ihr Code ist da',
    preview: `${code}: Geben Sie ihn innerhalb von ${amount(minutes, 'minute')} ein, um Ihre neue Adresse zu bestätigen.`,
    enterCode: `Geben Sie diesen Code ein, um diese Adresse für Ihr Konto bei ${product} zu verwenden. Der Code gilt ${amount(minutes, 'minute')}, nachdem Sie ihn angefordert haben.`,
    note: 'Wenn Sie das nicht waren, ignorieren Sie diese Mail. Ohne den Code ändert sich nichts.',
  }),

  changeEmailNotice: (product) => ({
    subject: `Eine neue Adresse für Ihr Konto bei ${product}?`,
    preview: 'Wenn Sie das nicht waren, halten Sie es mit dem Link auf.',
    happened:
      'Jemand, hoffentlich Sie, möchte Ihrem Konto eine andere Adresse geben. An diese Adresse haben wir einen Code geschickt. Die Änderung gilt, sobald der Code eingegeben ist.',
    advice:
      'Wenn Sie das waren, müssen Sie hier nichts tun. Wenn nicht, halten Sie die Änderung auf und ändern Sie danach Ihr Passwort:',
    button: 'Änderung aufhalten',
  }),

  undoButton: 'Änderung rückgängig machen',

  emailChanged: (product) => ({
    subject: `Ihre Adresse bei ${product} wurde geändert`,
    preview: 'Melden Sie sich ab jetzt mit der neuen Adresse an.',
    happened:
      'Ihr Konto hat eine neue Adresse. Melden Sie sich ab jetzt mit ihr an. Wir schreiben nur noch an diese Adresse. Alle anderen Sitzungen sind beendet.',
    undo: (hours) =>
      `Wenn Sie das nicht waren, machen Sie es innerhalb von ${amount(hours, 'hour')} nach der Änderung rückgängig. Das Konto bekommt dann diese Adresse zurück, alle werden abgemeldet, und Sie wählen ein neues Passwort:`,
    advice: 'Wenn Sie das nicht waren, schreiben Sie sofort an unseren Support.',
  }),

  deletionRequested: (product, { hours }) => ({
    subject: `Ihr Konto bei ${product} ist geschlossen`,
    preview: `Ihre Daten werden ${amount(hours, 'hour')} nach der Änderung der Adresse gelöscht.`,
    happened: `Jemand, hoffentlich Sie, hat Ihr Konto bei ${product} gelöscht. Es ist geschlossen: Niemand kann sich anmelden. Weil seine Adresse vor kurzem geändert wurde, werden Ihre Daten erst ${amount(hours, 'hour')} nach dieser Änderung gelöscht.`,
    undo: 'Wenn Sie die Adresse nicht geändert haben, machen Sie die Änderung rückgängig. Das Konto bekommt dann diese Adresse zurück, und Sie wählen ein neues Passwort.',
    note: 'Bis dahin hat die alte Adresse des Kontos einen Link, der es wieder öffnet.',
  }),

  alreadyRegistered: (product) => ({
    subject: `Sie haben schon ein Konto bei ${product}`,
    preview: 'Jemand wollte sich mit dieser Adresse registrieren. Nichts wurde geändert.',
    happened: `Jemand, vielleicht Sie, wollte sich mit dieser Adresse bei ${product} registrieren. Sie hat schon ein Konto, deshalb wurde nichts geändert.`,
    advice:
      'Wenn Sie das waren, melden Sie sich mit Ihrem Passwort an oder fordern Sie ein neues an. Wenn nicht, müssen Sie nichts tun.',
  }),

  changeEmailTaken: (product) => ({
    subject: `Sie haben schon ein Konto bei ${product}`,
    preview: 'Jemand wollte diese Adresse einem anderen Konto geben. Nichts wurde geändert.',
    happened: `Jemand, vielleicht Sie, wollte diese Adresse einem anderen Konto bei ${product} geben. Ihr Konto hat diese Adresse, deshalb wurde nichts geändert.`,
    advice:
      'Wenn Sie das waren, löschen Sie zuerst eines der beiden Konten. Wenn nicht, müssen Sie nichts tun.',
  }),

  emailChangeUndone: (product) => ({
    subject: `Ihre Adresse bei ${product} ist wieder die alte`,
    preview: 'Das Konto hat wieder seine alte Adresse und braucht ein neues Passwort.',
    happened:
      'Die Änderung der Adresse wurde vom alten Postfach aus rückgängig gemacht. Das Konto hat wieder seine alte Adresse. Alle sind abgemeldet, und das Passwort gilt nicht mehr. Eine Authenticator-App oder ein Passkey, die seit der Änderung dazukamen, sind entfernt; ältere bleiben.',
    advice:
      'Um sich wieder anzumelden, wählen Sie „Passwort vergessen?“ und geben Sie die alte Adresse ein. Wir schicken einen Link dorthin.',
  }),

  passwordChanged: (product) => ({
    subject: `Ihr Passwort für ${product} wurde geändert`,
    preview: 'Wenn Sie das waren, müssen Sie nichts tun.',
    happened: 'Das Passwort Ihres Kontos wurde geändert.',
    advice:
      'Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, fordern Sie sofort ein neues Passwort an. Das beendet alle Sitzungen, auch die der Person, die das getan hat.',
  }),

  passwordDisabled: (product) => ({
    subject: `Ihr Passwort für ${product} ist abgeschaltet`,
    preview: 'Jemand hat zu viele falsche Passwörter versucht. Niemand kam hinein.',
    happened:
      'Jemand hat viele falsche Passwörter für Ihr Konto versucht. Niemand kam hinein. Zu Ihrer Sicherheit gilt das Passwort jetzt nur noch auf Geräten, die sich schon einmal angemeldet haben. Angemeldete Geräte bleiben angemeldet.',
    advice:
      'Um sich auf einem neuen Gerät anzumelden, wählen Sie ein neues Passwort: Fordern Sie es mit „Passwort vergessen?“ an.',
  }),

  newDevice: (product) => ({
    subject: `Neue Anmeldung in Ihrem Konto bei ${product}`,
    preview: 'Von einem Gerät, das wir noch nicht kennen.',
    happened: 'Jemand hat sich in Ihrem Konto angemeldet, von einem Gerät, das wir noch nicht kennen.',
    advice:
      'Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, setzen Sie ein neues Passwort: Das beendet alle Sitzungen.',
  }),

  suspiciousSuccess: (product, { count }) => ({
    subject: `Eine Anmeldung bei ${product} nach Fehlversuchen`,
    preview: `Davor kamen ${count} falsche Passwörter. Waren Sie das?`,
    happened: `Jemand hat sich nach ${count} Versuchen mit falschem Passwort in Ihrem Konto angemeldet.`,
    advice:
      'Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, hat vielleicht jemand Ihr Passwort erraten. Fordern Sie sofort ein neues an.',
  }),

  refreshTokenReused: (product) => ({
    subject: `Wir haben eine Ihrer Sitzungen bei ${product} beendet`,
    preview: 'Ein alter Schlüssel eines Ihrer Geräte wurde noch einmal benutzt.',
    happened:
      'Eines Ihrer Geräte benutzt einen Schlüssel, der von Zeit zu Zeit ersetzt wird. Jemand hat einen alten dieser Schlüssel benutzt. Er wurde vielleicht gestohlen, deshalb haben wir diese Sitzung beendet, auch auf Ihrem Gerät.',
    advice:
      'Um fortzufahren, melden Sie sich wieder an. Wenn Sie nicht wissen, warum das geschah, setzen Sie ein neues Passwort.',
  }),

  ...factors,

  factorRemovalRequested: (product) => ({
    subject: `Ihre zweiten Faktoren bei ${product} werden entfernt`,
    preview: 'Wenn Sie noch einen haben, melden Sie sich damit an. Das verhindert es.',
    happened:
      'Jemand, hoffentlich Sie, hat unserem Support gesagt, dass alle Ihre zweiten Faktoren und Wiederherstellungscodes verloren sind. Sie werden 72 Stunden, nachdem diese Mail geschrieben wurde, entfernt. Danach öffnet Ihr Passwort allein Ihr Konto.',
    advice:
      'Wenn Sie das waren, müssen Sie nichts tun und können sich danach anmelden. Wenn nicht, melden Sie sich jetzt mit Ihrem zweiten Faktor oder einem Wiederherstellungscode an: Das verhindert es. Setzen Sie dann ein neues Passwort, denn vielleicht kennt es jemand.',
  }),

  farewell: (product) => ({
    subject: `Ihr Konto bei ${product} ist gelöscht`,
    preview: 'Ihre Daten sind gelöscht, bis auf das, was in dieser Mail steht.',
    happened: `Ihr Konto bei ${product} und alles darin sind gelöscht. Sicherheitsereignisse werden noch eine Weile aufbewahrt, ohne Ihren Namen und ohne Ihre Adresse. Das ist unsere letzte Mail an Sie.`,
    advice:
      'Wenn Sie das nicht waren, schreiben Sie an unseren Support. Sie können sich jederzeit neu registrieren.',
  }),
};
