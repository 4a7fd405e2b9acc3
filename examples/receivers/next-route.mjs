// A receiver in Next.js: app/webhooks/route.js. Route handlers get a Web-standard Request, whose body is as it came.
import { fetchHandler } from 'posthorn/verify';

export const POST = fetchHandler({ secret: process.env.WEBHOOK_SECRET }, (event) => {
  console.log('received', event.id, event.type, JSON.stringify(event.data));
});
