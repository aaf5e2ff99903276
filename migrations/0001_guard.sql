CREATE TABLE "failed_login_attempts" (
	"key" "bytea" PRIMARY KEY NOT NULL,
	"user_id" uuid,
	"failures" integer NOT NULL,
	"in_a_row" integer NOT NULL,
	"window_ends_at" timestamp with time zone NOT NULL,
	"locked_until" timestamp with time zone,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rate_limit_fallback" (
	"key" text PRIMARY KEY NOT NULL,
	"count" integer NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "failed_login_attempts" ADD CONSTRAINT "failed_login_attempts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "failed_login_attempts_user_id_idx" ON "failed_login_attempts" USING btree ("user_id") WHERE user_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX "failed_login_attempts_expires_at_idx" ON "failed_login_attempts" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "rate_limit_fallback_expires_at_idx" ON "rate_limit_fallback" USING btree ("expires_at");