/** What a delivery workflow is started with: its input, and what the Web UI shows and searches. Ids, names and hosts only. */
import { cell, code } from '../../workflows/markdown.ts';
import { searchAttributes, type DeliveryInput } from '../../workflows/messages.ts';
import { withinLimit } from '../../workflows/results.ts';
import type { Carrier, Passenger } from '../dispatch/carriers.ts';

export function inputOf(carrier: Carrier): DeliveryInput {
  const input: DeliveryInput = { deliveries: {} };
  for (const { endpointId, deliveryId, progress, label } of carrier.passengers) {
    if (label) (input.endpoints ??= {})[endpointId] = label;
    (input.deliveries[endpointId] ??= []).push(deliveryId);
    if (progress) (input.progress ??= {})[deliveryId] = progress;
  }
  if (carrier.succeeded) input.succeeded = true;
  return input;
}

const distinct = (values: string[]): string[] => [...new Set(values)];

export function attributesOf({ passengers, succeeded }: Carrier) {
  const tenants = distinct(passengers.map((p) => p.tenantId));
  const attributes = [
    { key: searchAttributes.endpoint, value: withinLimit(distinct(passengers.map((p) => p.endpointId))) },
    { key: searchAttributes.eventType, value: withinLimit(distinct(passengers.map((p) => p.eventType))) },
    ...(succeeded ? [{ key: searchAttributes.outcome, value: ['succeeded'] }] : []),
  ];
  return [
    { key: searchAttributes.tenant, value: tenants.length === 1 ? tenants[0]! : '(several)' },
    ...attributes,
  ];
}

/** Temporal refuses a start whose summary has more than 400 bytes. */
export const SUMMARY_CHARS = 130;
const MAX_DETAILS = 10;

export function summaryOf({ passengers }: Carrier): string {
  const first = passengers[0]!;
  const name = first.label ? `${first.endpointId} (${first.label.host})` : first.endpointId;
  if (passengers.length === 1) return `${first.eventType} → ${name}`.slice(0, SUMMARY_CHARS);
  const endpoints = distinct(passengers.map((p) => p.endpointId)).length;
  const where = endpoints === 1 ? name : `${endpoints} endpoints`;
  return `${passengers.length} deliveries to ${where}`.slice(0, SUMMARY_CHARS);
}

export function detailsOf({ passengers }: Carrier): string {
  const shown = passengers.slice(0, MAX_DETAILS).map((passenger) => row(passenger));
  const more = passengers.length - shown.length;
  const head = '| event type | event | endpoint | host | log |\n|---|---|---|---|---|';
  return `${head}\n${shown.join('\n')}${more > 0 ? `\n\nand ${more} more (the input has all ids)` : ''}`;
}

function row(passenger: Passenger): string {
  const { tenantId, endpointId, deliveryId, eventType, eventId, label } = passenger;
  const endpoint = label?.name ? `${cell(label.name)} (${cell(endpointId)})` : cell(endpointId);
  const log = `/v1/tenants/${code(tenantId)}/deliveries/${code(deliveryId)}`;
  return `| ${cell(eventType)} | \`${code(eventId)}\` | ${endpoint} | ${cell(label?.host ?? '')} | \`${log}\` |`;
}
