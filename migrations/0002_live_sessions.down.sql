DROP INDEX "user_sessions_not_ended_idx";
