CREATE TABLE "rate_limit_fallback" (
	"key" text PRIMARY KEY NOT NULL,
	"count" integer NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "rate_limit_fallback_expires_at_idx" ON "rate_limit_fallback" USING btree ("expires_at");