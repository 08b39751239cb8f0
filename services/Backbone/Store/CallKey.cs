namespace BeschutWerk.Backbone.Store;

/// <summary>
/// What tells a call from all others in a store. Ids are each caller's own: an organisation by its kind and id, whichever client it
/// calls with. Whoever else uses the same id makes another call.
/// </summary>
/// <param name="RequestId">The caller's id for the call.</param>
/// <param name="Caller">Keyed hash of who calls.</param>
/// <param name="Method">The RPC.</param>
/// <param name="Digest">Keyed hash of who calls, and with which body.</param>
internal sealed record CallKey(Guid RequestId, byte[] Caller, string Method, byte[] Digest);
