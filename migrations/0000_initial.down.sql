DROP TABLE "rate_limit_fallback";--> statement-breakpoint
DROP TABLE "failed_login_attempts";--> statement-breakpoint
DROP TABLE "mail_suppressions";--> statement-breakpoint
DROP TABLE "email_outbox";--> statement-breakpoint
DROP TABLE "security_events";--> statement-breakpoint
DROP TABLE "password_reset_tokens";--> statement-breakpoint
DROP TABLE "verification_tokens";--> statement-breakpoint
DROP TABLE "user_sessions";--> statement-breakpoint
DROP TABLE "users";
