using System.Security.Cryptography;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace BeschutWerk.Backbone;

/// <content>What a broker delivered and belongs to no store: it waits in the platform store for an operator.</content>
public sealed partial class ServiceRuntime<TTenant, TPlatform>
    where TTenant : StoreContext where TPlatform : StoreContext
{
    /// <summary>Bytes that are kept of a message that is no event: as many as an event may have.</summary>
    private const int MostUnreadable = 64 * 1024;

    internal override Task ParkUnreadableAsync(byte[] body)
    {
        var kept = body.AsSpan(0, Math.Min(body.Length, MostUnreadable));
        var subject = "unreadable-" + Convert.ToHexStringLower(SHA256.HashData(body))[..16];
        return ParkAsync(null, new CloudEvent { Id = Ids.New().Text(), Subject = subject, Data = new Any { Value = ByteString.CopyFrom(kept) } }, ParkReason.Unreadable);
    }

    internal override Task ParkStrangerAsync(SourceKey source, CloudEvent stranger) => ParkAsync(source, stranger, ParkReason.UnknownMunicipality);

    private Task ParkAsync(SourceKey? source, CloudEvent parked, string reason) => PlatformStore.WriteAsync(WriteInfo.Capture(Caller.OfService(Name)), session =>
    {
        var id = source is { } key ? Sources.Of(session.Statement, key, parked.Source).SourceId : 0;
        if (Messaging.ParkedEvents.Has(session.Command, id, parked.Sequence, parked.Subject)) return false;
        Messaging.ParkedEvents.Add(session.Command, id, parked, 0, reason, session.Now);
        session.ParkedChanged();
        session.AfterCommit(() => EventInstruments.Failed(Name, reason));
        return true;
    });
}
