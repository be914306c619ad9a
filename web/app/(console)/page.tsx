import { Landing } from '../../features/access/landing.tsx'

export default function HomePage() {
  return <Landing />
}
