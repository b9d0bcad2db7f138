export { HeapQueue as BucketedQueue } from './heap-queue.ts';
