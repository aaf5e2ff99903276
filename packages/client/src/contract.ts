/** Made by `npm run openapi` from what the endpoints declare. */

/** A person, as they see themselves. */
export type User = {
  id: string;
  name: string;
  email: string;
  createdAt: string;
};

/** The password was right, and there is no session yet: go on with /login/mfa, or, for `enrolment`, with /login/enrol. */
export type SecondFactorOwed = {
  mfaRequired: true;
  ticket: string;
  /** What can be proven next. */
  methods: ('totp' | 'passkey' | 'recovery' | 'enrolment')[];
  passkeyOptions?: PasskeyRequest | undefined;
  /** Seconds until the ticket expires. */
  expiresIn: number;
};

/** For `navigator.credentials.get()`. */
export type PasskeyRequest = {
  challenge: string;
  rpId: string;
  userVerification: 'required';
  timeout: number;
};

/** What `navigator.credentials.get()` gave, by `toJSON()`. */
export type PasskeyAnswer = {
  id: string;
  rawId: string;
  type: 'public-key';
  response: {
    clientDataJSON: string;
    authenticatorData: string;
    signature: string;
    userHandle: string;
  };
};

/** Everything that is stored about a person. */
export type Export = {
  account: {
    id: string;
    email: string;
    name: string;
    locale: string;
    createdAt: string;
    emailVerifiedAt: string;
    passwordChangedAt: string;
    externalSource: string | null;
    externalId: string | null;
  };
  sessions: ({
    id: string;
    client: string | null;
    userAgent: string | null;
    place: string | null;
    transport: 'body' | 'cookie';
    deviceId: string | null;
    /** How you proved your identity (RFC 8176). */
    amr: (string)[];
    createdAt: string;
    lastUsedAt: string;
    expiresAt: string;
    endedAt: string | null;
    /** Why the session has ended; null while it has not. */
    endedBy: 'logout' | 'refresh_token_reused' | 'revoked' | 'too_many_sessions' | 'password_changed' | 'password_reset' | 'email_changed' | 'email_change_undone' | 'replaced' | 'account_disabled' | 'operator' | 'factor_removed' | null;
  })[];
  events: ({
    id: string;
    at: string;
    kind: EventKind;
    sessionId: string | null;
    client: string | null;
    userAgent: string | null;
    requestId: string | null;
  })[];
  mails: ({
    id: string;
    kind: MailKind;
    status: 'pending' | 'sending' | 'sent' | 'skipped' | 'failed';
    createdAt: string;
    finishedAt: string | null;
  })[];
  addressChanges: ({
    email: string;
    requestedAt: string;
    expiresAt: string;
  })[];
  addressUndos: ({
    email: string;
    changedAt: string;
    expiresAt: string;
  })[];
  secondFactors: {
    mfaRequired: boolean;
    totp: {
      createdAt: string;
    } | null;
    recoveryCodes: {
      left: number;
      createdAt: string;
    } | null;
  };
  passkeys: ({
    name: string;
    domain: string;
    isSynced: boolean;
    createdAt: string;
    lastUsedAt: string | null;
  })[];
  passwordResets: ({
    requestedAt: string;
    expiresAt: string;
    usedAt: string | null;
    client: string | null;
  })[];
};

/** What happened. */
export type EventKind = 'signup.requested' | 'signup.existing_notice' | 'signup.verified' | 'verify.failed' | 'verify.resent' | 'otp.exhausted' | 'login.success' | 'login.failed' | 'login.throttled' | 'spray.suspected' | 'password.disabled' | 'token.grace' | 'token.reuse_detected' | 'logout' | 'logout.others' | 'session.revoked' | 'session.replaced' | 'session.displaced' | 'reset.requested' | 'reset.completed' | 'reset.failed' | 'password.confirm_failed' | 'password.changed' | 'email.change_requested' | 'email.change_cancelled' | 'email.change_failed' | 'email.changed' | 'email.change_undone' | 'mfa.enrolment_requested' | 'mfa.enrolment_failed' | 'mfa.enabled' | 'mfa.disabled' | 'mfa.failed' | 'mfa.guessing' | 'recovery.used' | 'recovery.replaced' | 'passkey.added' | 'passkey.renamed' | 'passkey.removed' | 'passkey.copied' | 'stepup.proven' | 'stepup.used' | 'profile.changed' | 'account.deletion_requested' | 'account.deleted' | 'admin.viewed' | 'admin.exported' | 'admin.disabled' | 'admin.enabled' | 'admin.unlocked' | 'admin.logged_out' | 'admin.reset_started' | 'admin.proof_resent' | 'admin.factor_removal_requested' | 'admin.factor_removal_cancelled' | 'admin.deleted' | 'admin.sessions_ended' | 'admin.suppressed' | 'admin.unsuppressed';

/** Which mail it was. */
export type MailKind = 'verify_email' | 'already_registered' | 'refresh_token_reused' | 'password_disabled' | 'login_after_failures' | 'reset_password' | 'password_changed' | 'change_email' | 'change_email_taken' | 'change_email_notice' | 'email_changed' | 'email_change_undone' | 'account_deletion_requested' | 'new_device' | 'account_deleted' | 'factor_removal_requested' | 'enrol_factor' | 'mfa_enabled' | 'mfa_disabled' | 'mfa_guessing' | 'recovery_code_used' | 'recovery_codes_replaced' | 'passkey_added' | 'passkey_removed' | 'passkey_copied';

/** One login on one device. */
export type Session = {
  id: string;
  /** Whether it is the session of this request. */
  current: boolean;
  browser: string | null;
  device: string | null;
  place: string | null;
  createdAt: string;
  lastUsedAt: string;
};

/** Something that happened to the account. */
export type SecurityEvent = {
  id: string;
  at: string;
  kind: EventKind;
  outcome: 'success' | 'failure';
  /** The address of the client. */
  client: string | null;
  device: string | null;
};

/** A fresh proof of who is asking. */
export type Proof = {
  password: string;
} | {
  code: string;
} | {
  recoveryCode: string;
} | {
  /** The ticket of the step before. */
  stepUp: string;
};

/** For `navigator.credentials.create()`, by `PublicKeyCredential.parseCreationOptionsFromJSON()`. */
export type PasskeyCreation = {
  challenge: string;
  rp: {
    id: string;
    name: string;
  };
  user: {
    id: string;
    name: string;
    displayName: string;
  };
  pubKeyCredParams: ({
    type: 'public-key';
    alg: number;
  })[];
  authenticatorSelection: {
    residentKey: 'required';
    requireResidentKey: true;
    userVerification: 'required';
  };
  attestation: 'none';
  excludeCredentials: ({
    type: 'public-key';
    id: string;
  })[];
  timeout: number;
};

/** What `navigator.credentials.create()` gave, by `toJSON()`. */
export type NewPasskey = {
  id: string;
  rawId: string;
  type: 'public-key';
  response: {
    clientDataJSON: string;
    attestationObject: string;
    transports?: (string)[] | undefined;
  };
};

/** What a ticket is for. */
export type Act = {
  purpose: 'add-totp' | 'remove-totp' | 'renew-recovery-codes' | 'add-passkey' | 'delete-account';
} | {
  purpose: 'remove-passkey';
  target: string;
};

export type Operations = {
  /** Sign up. */
  'POST /signup': {
    input: {
      name: string;
      email: string;
      /** 8 to 256 characters, counted in NFC. */
      password: string;
    };
    data: {
      id: string;
    };
    code: 'malformed_json' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'password_blocked' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Prove the email address. */
  'POST /verify-email': {
    input: {
      id: string;
      code: string;
    } | {
      /** The token of the mailed link. */
      token: string;
      id: string;
    } | {
      /** The token of the mailed link. */
      token: string;
      password: string;
    };
    data: null;
    code: 'malformed_json' | 'invalid_code' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Mail a new code. */
  'POST /verify-email/resend': {
    input: {
      id: string;
    };
    data: null;
    code: 'malformed_json' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Log in. */
  'POST /login': {
    input: {
      email: string;
      password: string;
      /** The device token of the last login on this device. It opens nothing; it tells your devices from a stranger's. */
      deviceToken?: string | undefined;
    };
    data: {
      user: User;
      /** A JWT for `Authorization: Bearer`. */
      accessToken: string;
      /** Only for refresh and logout. Each refresh replaces it. With cookies it is in `__Host-refresh`. */
      refreshToken?: string | undefined;
      tokenType: 'Bearer';
      /** Seconds until the access token expires. */
      expiresIn: number;
      /** For the next login on this device. With cookies it is in `__Host-device`. */
      deviceToken?: string | undefined;
    } | SecondFactorOwed;
    code: 'malformed_json' | 'invalid_credentials' | 'email_not_verified' | 'origin_not_allowed' | 'cross_site' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'login_locked' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Finish a login with a second factor. */
  'POST /login/mfa': {
    input: {
      /** The ticket of the step before. */
      ticket: string;
      trustDevice?: boolean | undefined;
      /** The device token of the last login on this device. It opens nothing; it tells your devices from a stranger's. */
      deviceToken?: string | undefined;
      code: string;
    } | {
      /** The ticket of the step before. */
      ticket: string;
      trustDevice?: boolean | undefined;
      /** The device token of the last login on this device. It opens nothing; it tells your devices from a stranger's. */
      deviceToken?: string | undefined;
      recoveryCode: string;
    } | {
      /** The ticket of the step before. */
      ticket: string;
      trustDevice?: boolean | undefined;
      /** The device token of the last login on this device. It opens nothing; it tells your devices from a stranger's. */
      deviceToken?: string | undefined;
      assertion: PasskeyAnswer;
    };
    data: {
      user: User;
      /** A JWT for `Authorization: Bearer`. */
      accessToken: string;
      /** Only for refresh and logout. Each refresh replaces it. With cookies it is in `__Host-refresh`. */
      refreshToken?: string | undefined;
      tokenType: 'Bearer';
      /** Seconds until the access token expires. */
      expiresIn: number;
      /** For the next login on this device. With cookies it is in `__Host-device`. */
      deviceToken?: string | undefined;
    };
    code: 'malformed_json' | 'invalid_ticket' | 'wrong_second_factor' | 'origin_not_allowed' | 'cross_site' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'second_factor_locked' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Begin a login that needs a second factor, without one. */
  'POST /login/enrol': {
    input: {
      /** The ticket of the step before. */
      ticket: string;
      code: string;
    };
    data: {
      secret: string;
      uri: string;
      qr: string;
      ticket: string;
      expiresIn: number;
    };
    code: 'malformed_json' | 'invalid_code' | 'invalid_ticket' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Add the authenticator app and log in. */
  'POST /login/enrol/confirm': {
    input: {
      /** The ticket of the step before. */
      ticket: string;
      code: string;
      /** The device token of the last login on this device. It opens nothing; it tells your devices from a stranger's. */
      deviceToken?: string | undefined;
    };
    data: {
      user: User;
      /** A JWT for `Authorization: Bearer`. */
      accessToken: string;
      /** Only for refresh and logout. Each refresh replaces it. With cookies it is in `__Host-refresh`. */
      refreshToken?: string | undefined;
      tokenType: 'Bearer';
      /** Seconds until the access token expires. */
      expiresIn: number;
      /** For the next login on this device. With cookies it is in `__Host-device`. */
      deviceToken?: string | undefined;
      recoveryCodes: (string)[];
    };
    code: 'malformed_json' | 'invalid_ticket' | 'wrong_second_factor' | 'origin_not_allowed' | 'cross_site' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Begin a login by passkey. */
  'POST /login/passkey/options': {
    input: undefined;
    data: {
      options: PasskeyRequest;
      ticket: string;
      expiresIn: number;
    };
    code: 'origin_not_allowed' | 'rate_limited';
  };
  /** Log in with a passkey. */
  'POST /login/passkey': {
    input: {
      /** The ticket of the step before. */
      ticket: string;
      assertion: PasskeyAnswer;
      /** The device token of the last login on this device. It opens nothing; it tells your devices from a stranger's. */
      deviceToken?: string | undefined;
    };
    data: {
      user: User;
      /** A JWT for `Authorization: Bearer`. */
      accessToken: string;
      /** Only for refresh and logout. Each refresh replaces it. With cookies it is in `__Host-refresh`. */
      refreshToken?: string | undefined;
      tokenType: 'Bearer';
      /** Seconds until the access token expires. */
      expiresIn: number;
      /** For the next login on this device. With cookies it is in `__Host-device`. */
      deviceToken?: string | undefined;
    };
    code: 'malformed_json' | 'invalid_ticket' | 'invalid_passkey' | 'origin_not_allowed' | 'cross_site' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Refresh the tokens. */
  'POST /refresh': {
    input: {
      /** The refresh token, as it was given. */
      refreshToken?: string | undefined;
      /** The device token of the last login on this device. It opens nothing; it tells your devices from a stranger's. */
      deviceToken?: string | undefined;
    };
    data: {
      /** A JWT for `Authorization: Bearer`. */
      accessToken: string;
      /** Only for refresh and logout. Each refresh replaces it. With cookies it is in `__Host-refresh`. */
      refreshToken?: string | undefined;
      tokenType: 'Bearer';
      /** Seconds until the access token expires. */
      expiresIn: number;
    } | {
      session: null;
    };
    code: 'malformed_json' | 'invalid_refresh_token' | 'origin_not_allowed' | 'cross_site' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Log out. */
  'POST /logout': {
    input: {
      /** The refresh token, as it was given. */
      refreshToken?: string | undefined;
      /** The device token of the last login on this device. It opens nothing; it tells your devices from a stranger's. */
      deviceToken?: string | undefined;
      /** With cookies: whether the device cookie is removed too. By default it stays. */
      forgetDevice?: boolean | undefined;
    };
    data: null;
    code: 'malformed_json' | 'origin_not_allowed' | 'cross_site' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Ask for a reset link. */
  'POST /forgot-password': {
    input: {
      email: string;
      /** The device token of the last login on this device. It opens nothing; it tells your devices from a stranger's. */
      deviceToken?: string | undefined;
    };
    data: null;
    code: 'malformed_json' | 'origin_not_allowed' | 'cross_site' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Set a new password. */
  'POST /reset-password': {
    input: {
      /** The token of the mailed link. */
      token: string;
      /** 8 to 256 characters, counted in NFC. */
      newPassword: string;
    };
    data: null;
    code: 'malformed_json' | 'invalid_code' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'password_blocked' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Read the own account. */
  'GET /me': {
    input: undefined;
    data: User;
    code: 'invalid_token' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Change the own name. */
  'PATCH /me': {
    input: {
      name: string;
    };
    data: User;
    code: 'malformed_json' | 'invalid_token' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Delete the own account. */
  'DELETE /me': {
    input: {
      password: string;
      secondFactor?: {
        code: string;
      } | {
        recoveryCode: string;
      } | undefined;
    } | {
      /** The ticket of the step before. */
      stepUp: string;
    };
    data: {
      /** When all data is erased. */
      erasedAt: string;
    };
    code: 'malformed_json' | 'invalid_ticket' | 'invalid_token' | 'wrong_password' | 'wrong_second_factor' | 'second_factor_required' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'login_locked' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Export all data of the own account. */
  'GET /me/export': {
    input: undefined;
    data: Export;
    code: 'invalid_token' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** List the own sessions. */
  'GET /sessions': {
    input: undefined;
    data: {
      sessions: (Session)[];
    };
    code: 'invalid_token' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** End all other sessions. */
  'DELETE /sessions': {
    input: undefined;
    data: {
      ended: number;
    };
    code: 'invalid_token' | 'origin_not_allowed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** End one of the own sessions. */
  'DELETE /sessions/:id': {
    input: {
      id: string;
    };
    data: null;
    code: 'invalid_token' | 'origin_not_allowed' | 'not_found' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Read the own security history. */
  'GET /events': {
    input: {
      limit?: number | undefined;
      /** The nextCursor of the page before. */
      cursor?: string | undefined;
    };
    data: {
      events: (SecurityEvent)[];
      nextCursor: string | null;
    };
    code: 'invalid_token' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** List the own second factors. */
  'GET /factors': {
    input: undefined;
    data: {
      mfaRequired: boolean;
      totp: {
        createdAt: string;
      } | null;
      recoveryCodes: {
        left: number;
        createdAt: string;
      } | null;
      passkeys: ({
        id: string;
        name: string;
        isSynced: boolean;
        createdAt: string;
        lastUsedAt: string | null;
      })[];
    };
    code: 'invalid_token' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Begin to add an authenticator app. */
  'POST /factors/totp': {
    input: {
      proof: Proof;
    };
    data: {
      secret: string;
      uri: string;
      qr: string;
      ticket: string;
      expiresIn: number;
    };
    code: 'malformed_json' | 'invalid_ticket' | 'invalid_token' | 'wrong_password' | 'wrong_second_factor' | 'second_factor_required' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'login_locked' | 'second_factor_locked' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Remove the authenticator app. */
  'DELETE /factors/totp': {
    input: {
      proof: Proof;
    };
    data: null;
    code: 'malformed_json' | 'invalid_ticket' | 'invalid_token' | 'wrong_password' | 'wrong_second_factor' | 'second_factor_required' | 'origin_not_allowed' | 'not_found' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'login_locked' | 'second_factor_locked' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Confirm the authenticator app with its code. */
  'POST /factors/totp/confirm': {
    input: {
      /** The ticket of the step before. */
      ticket: string;
      code: string;
    };
    data: {
      recoveryCodes: (string)[] | null;
    };
    code: 'malformed_json' | 'invalid_ticket' | 'invalid_token' | 'wrong_second_factor' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Replace the recovery codes. */
  'POST /factors/recovery-codes': {
    input: {
      proof: Proof;
    };
    data: {
      recoveryCodes: (string)[];
    };
    code: 'malformed_json' | 'invalid_ticket' | 'invalid_token' | 'wrong_password' | 'wrong_second_factor' | 'second_factor_required' | 'origin_not_allowed' | 'not_found' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'login_locked' | 'second_factor_locked' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Begin to add a passkey. */
  'POST /factors/passkeys/options': {
    input: {
      proof: Proof;
    };
    data: {
      options: PasskeyCreation;
      ticket: string;
      expiresIn: number;
    };
    code: 'malformed_json' | 'invalid_ticket' | 'invalid_token' | 'wrong_password' | 'wrong_second_factor' | 'second_factor_required' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'login_locked' | 'second_factor_locked' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Add the passkey. */
  'POST /factors/passkeys': {
    input: {
      /** The ticket of the step before. */
      ticket: string;
      attestation: NewPasskey;
      name: string;
    };
    data: {
      id: string;
    };
    code: 'malformed_json' | 'invalid_ticket' | 'invalid_token' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Rename a passkey. */
  'PATCH /factors/passkeys/:id': {
    input: {
      id: string;
    } & {
      name: string;
    };
    data: null;
    code: 'malformed_json' | 'invalid_token' | 'origin_not_allowed' | 'not_found' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Remove a passkey. */
  'DELETE /factors/passkeys/:id': {
    input: {
      id: string;
    } & {
      proof: Proof;
    };
    data: null;
    code: 'malformed_json' | 'invalid_ticket' | 'invalid_token' | 'wrong_password' | 'wrong_second_factor' | 'second_factor_required' | 'origin_not_allowed' | 'not_found' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'login_locked' | 'second_factor_locked' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Begin a step-up by passkey. */
  'POST /step-up/options': {
    input: {
      act: Act;
    };
    data: {
      options: PasskeyRequest;
      ticket: string;
      expiresIn: number;
    };
    code: 'malformed_json' | 'invalid_token' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited';
  };
  /** Prove again who you are. */
  'POST /step-up': {
    input: {
      act: Act;
      proof: {
        password: string;
      } | {
        code: string;
      } | {
        recoveryCode: string;
      } | {
        assertion: PasskeyAnswer;
        /** The ticket of the step before. */
        ticket: string;
      };
    };
    data: {
      ticket: string;
      expiresIn: number;
    };
    code: 'malformed_json' | 'invalid_ticket' | 'invalid_token' | 'wrong_password' | 'wrong_second_factor' | 'second_factor_required' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'login_locked' | 'second_factor_locked' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Change the password. */
  'POST /change-password': {
    input: {
      currentPassword: string;
      /** 8 to 256 characters, counted in NFC. */
      newPassword: string;
    };
    data: {
      /** A JWT for `Authorization: Bearer`. */
      accessToken: string;
      /** Only for refresh and logout. Each refresh replaces it. With cookies it is in `__Host-refresh`. */
      refreshToken?: string | undefined;
      tokenType: 'Bearer';
      /** Seconds until the access token expires. */
      expiresIn: number;
      deviceToken?: string | undefined;
    };
    code: 'malformed_json' | 'invalid_token' | 'wrong_password' | 'origin_not_allowed' | 'cross_site' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'password_blocked' | 'login_locked' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Ask for another address. */
  'POST /change-email': {
    input: {
      newEmail: string;
      currentPassword: string;
      secondFactor?: {
        code: string;
      } | {
        recoveryCode: string;
      } | undefined;
    };
    data: null;
    code: 'malformed_json' | 'invalid_token' | 'wrong_password' | 'wrong_second_factor' | 'second_factor_required' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'login_locked' | 'rate_limited' | 'internal_error' | 'overloaded' | 'service_unavailable';
  };
  /** Prove the new address. */
  'POST /change-email/confirm': {
    input: {
      code: string;
    };
    data: null;
    code: 'malformed_json' | 'invalid_code' | 'invalid_token' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
  /** Cancel or undo a change of address. */
  'POST /change-email/cancel': {
    input: {
      /** The token of the mailed link. */
      token: string;
    };
    data: {
      outcome: 'cancelled' | 'undone' | 'none';
    };
    code: 'malformed_json' | 'invalid_code' | 'origin_not_allowed' | 'request_timeout' | 'payload_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'internal_error' | 'service_unavailable';
  };
};
