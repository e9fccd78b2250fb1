import { writeFileSync } from 'node:fs';

// Loaded into the program by `--import`: writes the most memory it ever had resident, in KiB, when it ends.
const path = process.env['PEAK_FILE'];
if (path !== undefined) process.on('exit', () => writeFileSync(path, String(process.resourceUsage().maxRSS)));
