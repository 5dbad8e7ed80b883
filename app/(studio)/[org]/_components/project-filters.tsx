'use client';

import { Select } from '@/app/_ui/select';
import { SearchInput } from '@/app/_ui/search-input';
import type { ProjectStatus } from '@/lib/projects/states';

export type StatusFilter = ProjectStatus | '';

const choices: readonly [StatusFilter, string][] = [
  ['', 'All but deleted'],
  ['ready', 'Ready'],
  ['provisioning', 'Setting up'],
  ['stuck', 'Stuck'],
  ['failed', 'Failed'],
  ['deleted', 'Deleted'],
];

interface ProjectFiltersProps {
  words: string;
  onWords: (words: string) => void;
  status: StatusFilter;
  onStatus: (status: StatusFilter) => void;
}

export function ProjectFilters({ words, onWords, status, onStatus }: ProjectFiltersProps) {
  return (
    <div className="flex flex-wrap gap-2">
      <SearchInput label="Filter projects by name" value={words} onChange={onWords} />
      <Select aria-label="Status" className="w-44" value={status} onChange={(event) => onStatus(choices.find(([key]) => key === event.target.value)?.[0] ?? '')}>
        {choices.map(([key, label]) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
      </Select>
    </div>
  );
}
