ALTER TABLE "email_change_undos" DROP COLUMN "mail_id";
