CREATE TABLE "password_reset_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"key_id" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "email_outbox" ALTER COLUMN "user_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "email_outbox" ADD COLUMN "recipient" text;--> statement-breakpoint
ALTER TABLE "user_sessions" ADD COLUMN "transport" text DEFAULT 'body' NOT NULL;--> statement-breakpoint
ALTER TABLE "user_sessions" ADD COLUMN "place" text;--> statement-breakpoint
ALTER TABLE "verification_tokens" ADD COLUMN "email" text;--> statement-breakpoint
ALTER TABLE "verification_tokens" ADD COLUMN "password_hash" text;--> statement-breakpoint
ALTER TABLE "password_reset_tokens" ADD CONSTRAINT "password_reset_tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "password_reset_tokens_user_id_key" ON "password_reset_tokens" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "password_reset_tokens_expires_at_idx" ON "password_reset_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "verification_tokens_email_idx" ON "verification_tokens" USING btree ("email") WHERE email IS NOT NULL;--> statement-breakpoint
ALTER TABLE "email_outbox" ADD CONSTRAINT "email_outbox_addressee" CHECK (user_id IS NOT NULL OR kind = 'account_deleted');--> statement-breakpoint
ALTER TABLE "verification_tokens" ADD CONSTRAINT "verification_tokens_change" CHECK ((purpose = 'change_email') = (email IS NOT NULL AND password_hash IS NOT NULL));