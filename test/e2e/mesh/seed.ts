/** The seed of a run's random choices: `E2E_SEED`, else a new one. A test prints it. */
export function seedOfRun(): number {
  const given = process.env.E2E_SEED;
  return given === undefined || given === "" ? Math.floor(Math.random() * 2 ** 31) : Number(given);
}
