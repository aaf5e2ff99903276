/** The sentences of mails about second factors in German. */
import type { FactorSentences } from './en-factors.ts';
import { amountIn } from './format.ts';

const amount = amountIn('de');

const codes = (count: number) => (count === 1 ? '1 Code' : `${count} Codes`);

export const factors: FactorSentences = {
  enrolCode: (product, { code, minutes }) => ({
    subject: `${code} ist Ihr Code für ${product}`,
    heading: 'Ihr Code ist da',
    preview: `${code}: Geben Sie ihn innerhalb von ${amount(minutes, 'minute')} ein, um Ihre Authenticator-App einzurichten.`,
    enterCode: `${product} verlangt von allen einen zweiten Faktor. Geben Sie diesen Code dort ein, wo Sie sich anmelden, um eine Authenticator-App einzurichten. Der Code gilt ${amount(minutes, 'minute')}, nachdem Sie Ihr Passwort eingegeben haben.`,
    note: 'Wenn Sie das nicht waren, kennt jemand Ihr Passwort. Sagen Sie niemandem diesen Code und setzen Sie sofort ein neues Passwort: Das geht mit „Passwort vergessen“ auf der Anmeldeseite.',
  }),

  mfaEnabled: (product) => ({
    subject: `Ihre Anmeldung bei ${product} braucht jetzt einen Code`,
    preview: 'Ihrem Konto wurde eine Authenticator-App hinzugefügt.',
    happened:
      'Ihrem Konto wurde eine Authenticator-App hinzugefügt. Wer sich anmeldet, braucht ab jetzt Ihr Passwort und einen Code dieser App.',
    advice:
      'Wenn Sie das waren, bewahren Sie Ihre Wiederherstellungscodes sicher auf. Wenn nicht, setzen Sie sofort ein neues Passwort, das beendet alle Sitzungen, und schreiben Sie an unseren Support.',
  }),

  mfaDisabled: (product) => ({
    subject: `Ihre Anmeldung bei ${product} braucht keinen Code mehr`,
    preview: 'Die Authenticator-App wurde aus Ihrem Konto entfernt.',
    happened:
      'Die Authenticator-App wurde aus Ihrem Konto entfernt. Alle anderen Sitzungen sind beendet, und Wiederherstellungscodes, die für sie einstanden, gelten nicht mehr.',
    advice:
      'Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, setzen Sie sofort ein neues Passwort: Das beendet alle Sitzungen. Fügen Sie danach wieder eine Authenticator-App hinzu.',
  }),

  mfaGuessing: (product, { count }) => ({
    subject: `Jemand kennt Ihr Passwort für ${product}`,
    preview: `Nach dem richtigen Passwort kamen ${count} falsche Codes. Niemand kam hinein.`,
    happened:
      `Jemand hat Ihr Passwort eingegeben, und danach ${count} falsche Codes seit Ihrer letzten Anmeldung. Niemand kam hinein.` +
      (count >= 50 ? ' Zu Ihrer Sicherheit ist das Passwort abgeschaltet, bis Sie ein neues wählen.' : ''),
    advice: 'Wenn Sie das nicht waren, kennt jemand Ihr Passwort. Wählen Sie sofort ein neues.',
  }),

  recoveryCodeUsed: (product, { count }) => ({
    subject: `Ein Code für Ihr Konto bei ${product} wurde benutzt`,
    preview: `Noch ${codes(count)} übrig.`,
    happened: `Einer Ihrer Wiederherstellungscodes wurde benutzt. Er gilt nicht noch einmal. Sie haben noch ${codes(count)}.`,
    advice:
      'Wenn Sie das waren, müssen Sie nichts tun. Machen Sie neue Codes, bevor der letzte verbraucht ist. Wenn nicht, setzen Sie sofort ein neues Passwort, und machen Sie danach neue Codes.',
  }),

  recoveryCodesReplaced: (product) => ({
    subject: `Neue Wiederherstellungscodes für ${product}`,
    preview: 'Die alten gelten nicht mehr.',
    happened: 'Für Ihr Konto wurden neue Wiederherstellungscodes gemacht. Die alten gelten nicht mehr.',
    advice:
      'Wenn Sie das waren, bewahren Sie die neuen sicher auf. Wenn nicht, setzen Sie sofort ein neues Passwort, und machen Sie danach neue Codes.',
  }),

  passkeyAdded: (product) => ({
    subject: `Ihrem Konto bei ${product} wurde ein Passkey hinzugefügt`,
    preview: 'Er öffnet Ihr Konto ohne Passwort.',
    happened: 'Ihrem Konto wurde ein Passkey hinzugefügt. Er öffnet das Konto ohne Passwort und ohne Code.',
    advice:
      'Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, entfernen Sie ihn in Ihrem Konto, setzen Sie ein neues Passwort, und schreiben Sie an unseren Support.',
  }),

  passkeyRemoved: (product) => ({
    subject: `Ein Passkey wurde aus Ihrem Konto bei ${product} entfernt`,
    preview: 'Er öffnet Ihr Konto nicht mehr. Alle anderen Sitzungen sind beendet.',
    happened:
      'Ein Passkey wurde aus Ihrem Konto entfernt und öffnet es nicht mehr. Alle anderen Sitzungen sind beendet.',
    advice:
      'Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, setzen Sie sofort ein neues Passwort: Das beendet alle Sitzungen.',
  }),

  passkeyCopied: (product) => ({
    subject: `Ein Passkey Ihres Kontos bei ${product} wurde vielleicht kopiert`,
    preview: 'Sein Zähler ging zurück, deshalb wurde er abgelehnt.',
    happened:
      'Ein Passkey Ihres Kontos wurde benutzt, und sein Zähler war niedriger als beim letzten Mal. Das geschieht, wenn ein zweites Gerät eine Kopie davon hat. Er wurde abgelehnt.',
    advice:
      'Entfernen Sie diesen Passkey in Ihrem Konto, und fügen Sie einen neuen hinzu. Wenn Sie das Gerät nicht mehr haben, tun Sie es sofort, und setzen Sie ein neues Passwort.',
  }),
};
