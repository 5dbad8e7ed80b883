'use client';

import { useState } from 'react';
import { Button } from '@/app/_ui/button';
import { CopyValue } from '@/app/_ui/code-block';
import { downloadText } from '@/app/_ui/copy-button';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { Checkbox } from '@/app/_ui/field';
import { Icon } from '@/app/_ui/icon';

interface SecretDialogProps {
  title: string;
  secret: string;
  /** The name under which an app would look for it; also the head of the file. */
  variable: string;
  fileName: string;
  /** What Studio keeps of it, where that is more than the usual. */
  kept?: string;
  onClose: () => void;
}

/** Shows a secret for the only time. It does not close by accident. */
export function SecretDialog({ title, secret, variable, fileName, kept: keptByStudio = 'Studio keeps what it needs to recognize it, not the secret itself.', onClose }: SecretDialogProps) {
  const [kept, setKept] = useState(false);
  return (
    <Dialog title={title} description={`This is the only time it is shown. ${keptByStudio}`} sticky onClose={onClose}>
      <CopyValue value={secret} label="secret" />
      <Checkbox label="I have put it in a safe place" checked={kept} onChange={(event) => setKept(event.target.checked)} />
      <DialogActions>
        <Button icon={<Icon name="download" />} onClick={() => downloadText(fileName, `${variable}=${secret}\n`)}>
          Download
        </Button>
        <Button kind="primary" aria-disabled={!kept || undefined} onClick={kept ? onClose : undefined}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}
