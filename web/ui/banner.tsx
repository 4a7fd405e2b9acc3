import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './banner.module.css';

/** How something is, above what it is about: what, why, and what can be done. */
export function Banner(props: {
  look: 'bad' | 'idle' | 'warn';
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
}) {
  const { look, icon: Icon, title, children } = props;
  return (
    <section className={`${styles.banner} ${styles[look]}`}>
      <Icon size={18} aria-hidden />
      <div>
        <h2>{title}</h2>
        {children}
      </div>
    </section>
  );
}
