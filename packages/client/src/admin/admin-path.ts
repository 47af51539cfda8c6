// Paths of the admin service's methods.

type AdminMethod = 'Push' | 'SetRollout' | 'LoadModel' | 'UnloadModel' | 'WatchModels' | 'GetProfiles';

export const adminPath = (name: AdminMethod) => `/weft.router.v1.Admin/${name}`;
