// Paths of the admin service's methods.

export const adminPath = (name: 'Push' | 'SetRollout' | 'LoadModel' | 'UnloadModel' | 'WatchModels') =>
  `/weft.router.v1.Admin/${name}`;
