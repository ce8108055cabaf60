import { arrivals, call, volume } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { cloudAddress, many } from '../../world/addresses';
import { consumers, DAY, dayOfWeek, HOUR, MINUTE } from '../../world/clock';
import type { Workload } from '../workload';

const GB = 1e9;

export const backupReplication: Workload = {
  kind: 'backup-replication',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const databases = many(4, () => site.add({ role: 'database', subnet: 1 }));
    const files = many(tuning ? 10 : 14, () => site.add({ role: 'file', subnet: 2 }));
    const vault = site.add({ role: 'vault', subnet: 3 });
    const store = many(8, () => cloudAddress(random));
    const otherRegion = `10.${(site.options.network + 40) % 250}.3.15`;
    const stream = (from: string, to: string, port: number, bytes: number, begin: number, seconds: number) => {
      // Multipart: eight connections of some minutes at a time, of which an interval is a record.
      const pieces = Math.max(1, Math.round(seconds / 240));
      for (let i = 0; i < pieces; i++)
        call(
          site,
          { at: begin + (i * seconds) / pieces, from, to, port },
          { up: bytes / pieces, down: 20_000, seconds: seconds / pieces - 2 },
        );
    };
    const sizes = files.map(() => random.logNormal(6 * GB, 0.9));
    for (let night = Math.floor(site.from / DAY) * DAY; night < site.to; night += DAY) {
      const full = dayOfWeek(night) === 6;
      files.forEach(({ address }, i) => {
        // The incremental one follows what changed; the weekly one is all. It begins when the one before has ended.
        const bytes = (sizes[i] ?? GB) * (full ? 6 : random.logNormal(0.4, 0.5));
        const begin = night + (tuning ? 1 : 3) * HOUR + i * 7 * MINUTE + random.between(0, 10 * MINUTE);
        if (begin > site.from && begin + 2 * HOUR < site.to)
          stream(address, vault.address, 10_002, bytes, begin, random.between(0.3, 1.2) * HOUR);
      });
      databases.forEach(({ address }, i) => {
        const begin = night + 2 * HOUR + i * 20 * MINUTE;
        if (begin > site.from && begin + HOUR < site.to)
          stream(address, random.pick(store), 443, (tuning ? 25 : 70) * GB * random.logNormal(1, 0.12), begin, 50 * MINUTE);
      });
      // What the vault has got goes to another Region in the morning.
      const begin = night + 6 * HOUR;
      if (begin > site.from && begin + 4 * HOUR < site.to)
        stream(vault.address, otherRegion, 443, (full ? 250 : 40) * GB * random.logNormal(1, 0.2), begin, 3 * HOUR);
    }
    // Replication holds a connection for days; what it carries follows the day.
    for (const replica of databases.slice(1))
      for (let hour = site.from; hour < site.to - HOUR; hour += HOUR / 2)
        site.connect({
          at: hour + 1,
          from: replica.address,
          to: databases[0]?.address ?? '',
          port: 5432,
          fromPort: 40_000 + databases.indexOf(replica),
          seconds: HOUR / 2 - 2,
          sent: { packets: 6, bytes: 400 },
          received: { ...volume(random.logNormal(2e8, 0.3) * consumers(hour)), packets: 8 },
          ending: 'open',
        });
    // One server is new: its first backup is a full one, in the middle of a day.
    const newcomer = site.add({ role: 'file', subnet: 2, from: site.from + 5 * DAY });
    stream(newcomer.address, vault.address, 10_002, 120 * GB, newcomer.from + 5 * HOUR, 4 * HOUR);
    for (const { address } of files)
      for (const at of arrivals(site, (time) => 1.8 * consumers(time)))
        call(
          site,
          { at, from: address, to: random.pick(databases).address, port: 5432 },
          { up: 4000, down: random.logNormal(90_000, 1), seconds: random.between(1, 40) },
        );
    housekeeping(site, [...databases, ...files, vault]);
  },
};
