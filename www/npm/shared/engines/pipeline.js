// Several at once, so that the time from a question to a platform until its answer is not waited for each time.

/**
 * Runs `one` for 0 to `count` - 1, at most `width` at once. After a failure nothing more starts; it is thrown when all that ran has ended.
 * @param {(index: number) => Promise<void>} one
 */
export async function pipelined(count, width, one) {
  let next = 0;
  const lane = async () => {
    try {
      while (next < count) await one(next++);
    } catch (error) {
      next = count;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(width, count) }, lane));
  const failed = ends.find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
}
