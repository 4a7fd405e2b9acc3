/** What the API takes and answers. Types alone, so that what is pure can be tested without a browser. */
import type { components } from '../../dist/web-api.d.ts';

export type Schemas = components['schemas'];
export type Endpoint = Schemas['Endpoint'];
export type EndpointInput = Schemas['EndpointInput'];
export type Delivery = Schemas['Delivery'];
export type DeliveryStatus = Delivery['status'];
export type DeliveryWithAttempts = Schemas['DeliveryWithAttempts'];
export type Attempt = Schemas['Attempt'];
export type Replay = Schemas['Replay'];
export type Profile = Schemas['Profiles']['data'][number];
export type Me = Schemas['Me'];
