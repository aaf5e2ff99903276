DROP TABLE "factor_removals";--> statement-breakpoint
DROP TABLE "recovery_codes";--> statement-breakpoint
DROP TABLE "passkeys";--> statement-breakpoint
DROP TABLE "totp_factors";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "passkey_handle";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "mfa_required";
