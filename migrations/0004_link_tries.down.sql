ALTER TABLE "verification_tokens" DROP COLUMN "link_tries";
