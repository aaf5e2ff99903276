-- Allows mail to the address again. False when it was allowed already.

delete from "mail_suppressions"
where
  "mail_suppressions"."address" = $1
returning
  "address";
