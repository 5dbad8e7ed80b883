/** Longer than a busy server takes for its version, shorter than anybody waits. */
const withinMs = 5_000;

/** Whether something that speaks like Appwrite answers at the address that apps are told; ends in `/v1`. */
export async function endpointAnswers(endpoint: string): Promise<boolean> {
  try {
    const answer = await fetch(`${endpoint}/health/version`, { redirect: 'error', signal: AbortSignal.timeout(withinMs) });
    await answer.body?.cancel();
    // Refused is answered: the gateway lets nobody ask this without a project.
    return answer.status < 500;
  } catch {
    return false;
  }
}
