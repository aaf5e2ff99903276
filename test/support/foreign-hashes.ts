/**
 * Password hashes of other systems with their passwords: facts that these systems publish in their documents and tests.
 * Every format is here at least once.
 */
export type Sample = { from: string; format: string; password: string; hash: string };

const firebase = { memoryCost: 14, rounds: 8, separator: 'Bw==' };

/** The example of github.com/firebase/scrypt. */
export const FIREBASE = {
  keys: {
    ...firebase,
    signerKey: 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
  },
  salt: '42xEC+ixf3L2lw==',
  hash: 'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
  password: 'user1password',
};

/** A credential in an export of Keycloak, as it stands in a public dump of its database. */
export const KEYCLOAK = {
  secretData:
    '{"value":"E1wOmdX7G+d0xjw9LLbgcu7rKhhCkfqVK1oBSuu6W3dc5yjJ/lKGMkKF9AW0iNnEm0X/wRYFvTyWXh3fjhkb3g==","salt":"sZmxNOK9vr12uXWu7xGltQ==","additionalParameters":{}}',
  credentialData: '{"hashIterations":27500,"algorithm":"pbkdf2-sha256","additionalParameters":{}}',
  password: 'password',
};

export const SAMPLES: Sample[] = [
  {
    from: 'the test vectors of crypt_blowfish',
    format: 'bcrypt:5',
    password: 'U*U',
    hash: '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
  },
  {
    from: 'the test vectors of crypt_blowfish, as PHP and Python name it',
    format: 'bcrypt:5',
    password: 'U*U*',
    hash: '$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK',
  },
  {
    from: 'the test vectors of crypt_blowfish, as Auth0 names it',
    format: 'bcrypt:5',
    password: 'U*U*U',
    hash: '$2b$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a',
  },
  {
    from: 'hasher_test.go of Kratos',
    format: 'argon2id:m=32,t=2,p=4',
    password: 'test',
    hash: '$argon2id$v=19$m=32,t=2,p=4$cm94YnRVOW5jZzFzcVE4bQ$MNzk5BtR2vUhrp6qQEjRNw',
  },
  {
    from: 'the test vectors of argon2 (RFC 9106 reference implementation)',
    format: 'argon2i:m=256,t=2,p=1',
    password: 'password',
    hash: '$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8',
  },
  {
    from: 'hasher_test.go of Kratos',
    format: 'scrypt:ln=14,r=8,p=1',
    password: 'test',
    hash: '$scrypt$ln=16384,r=8,p=1$2npRo7P03Mt8keSoMbyD/tKFWyUzjiQf2svUaNDSrhA=$MiCzNcIplSMqSBrm4HckjYqYhaVPPjTARTzwB1cVNYE=',
  },
  {
    from: 'RFC 7914 section 12, as a PHC string',
    format: 'scrypt:ln=10,r=8,p=16',
    password: 'password',
    hash: '$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA',
  },
  {
    from: 'hasher_test.go of Kratos',
    format: 'firebase-scrypt:ln=14,r=8',
    password: '8x4WjoDbSxJZdR',
    hash: '$firescrypt$ln=14,r=8,p=1$sPtDhWcd1MfdAw==$xbSou7FOl6mChCyzpCPIQ7tku7nsQMTFtyOZSXXd7tjBa4NtimOx7v42Gv2SfzPQu1oxM2/k4SsbOu73wlKe1A==$Bw==$YE0dO4bwD4JnJafh6lZZfkp1MtKzuKAXQcDCJNJNyeCHairWHKENOkbh3dzwaCdizzOspwr/FITUVlnOAwPKyw==',
  },
  {
    from: 'password_test.go of Supabase Auth',
    format: 'firebase-scrypt:ln=14,r=8',
    password: 'mytestpassword',
    hash: '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=ou9tdYTGyYm8kuR6Dt0Bp0kDuAYoXrK16mbZO4yGwAn3oLspjnN0/c41v8xZnO1n14J3MjKj1b2g6AUCAlFwMw==$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsalx4c4c7y/w7IS5p6Ut2+CfEFFlz37J9huyQfov4iizN8dbjvEJlM5tQaJP84+hfTw==',
  },
  {
    from: 'the way better-auth hashes, by another implementation of scrypt',
    format: 'better-auth:ln=14,r=16,p=1',
    password: 'plum kettle',
    hash: '0f1e2d3c4b5a69788796a5b4c3d2e1f0:5bf92aeb2b1fac230d6b95d9e0d1419f2c895955eb9072a6bc7a7bf3275639caa91ae9a7f211580af56c842ecf59429344d665a057dc24202c275f60ce1aaea0',
  },
  {
    from: 'hasher_test.go of Kratos',
    format: 'pbkdf2-sha256:100000',
    password: 'test',
    hash: '$pbkdf2-sha256$i=100000,l=32$1jP+5Zxpxgtee/iPxGgOz0RfE9/KJuDElP1ley4VxXc$QJxzfvdbHYBpydCbHoFg3GJEqMFULwskiuqiJctoYpI',
  },
  {
    from: 'hasher_test.go of Kratos',
    format: 'pbkdf2-sha512:100000',
    password: 'test',
    hash: '$pbkdf2-sha512$i=100000,l=32$bdHBpn7OWOivJMVJypy2UqR0UnaD5prQXRZevj/05YU$+wArTfv1a+bNGO1iZrmEdVjhA+lL11wF4/IxpgYfPwc',
  },
  {
    from: 'the documents of passlib',
    format: 'pbkdf2-sha256:6400',
    password: 'password',
    hash: '$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44',
  },
];
