ALTER TABLE "user_sessions" DROP COLUMN "used_before_at", DROP COLUMN "refreshes", DROP COLUMN "refresh_window_ends_at", DROP COLUMN "amr", DROP COLUMN "password_changed_at";
