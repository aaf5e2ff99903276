-- Mail may go to the address again; false when it was not suppressed.

delete from "mail_suppressions"
where
  "mail_suppressions"."address" = $1
returning
  "address";
