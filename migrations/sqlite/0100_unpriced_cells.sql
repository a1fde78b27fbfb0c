-- Cells that were answered by a model without a price: what a batch spent is then known only in part.
ALTER TABLE benchmark_batches ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;
UPDATE benchmark_batches SET unpriced = (
  SELECT count(*) FROM benchmark_results b JOIN benchmark_runs r ON r.id = b.run_id
  WHERE r.batch_id = benchmark_batches.id AND b.error_message IS NULL AND b.estimated_cost_microcents IS NULL
    AND coalesce(b.details ->> 'fromCache', 0) = 0);
