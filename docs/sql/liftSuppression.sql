-- Allows mail to the address again. False when it was allowed already.

DELETE FROM mail_suppressions
WHERE
  address = $1
RETURNING
  address;
