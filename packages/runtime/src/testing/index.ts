// For the tests of backends and services; no product code imports it.
export { backendContract, type ContractModels } from './backend-contract.ts';
export { defaultModelNames, type OpenModel, openDefaultModel } from './open-default-model.ts';
export { attended, type ModelToOpen, type OpenedModel, openModel } from './open-model.ts';
