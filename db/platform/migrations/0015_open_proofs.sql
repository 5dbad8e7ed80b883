DROP INDEX "isolation_proofs_open_key";--> statement-breakpoint
CREATE UNIQUE INDEX "isolation_proofs_open_key" ON "isolation_proofs" USING btree ("organization_id") WHERE finished_at is null;