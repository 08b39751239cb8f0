using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>An event of another source, as a reaction sees it.</summary>
/// <param name="Key">Whose log it stands in.</param>
/// <param name="Event">The event.</param>
/// <param name="Position">Where it stands in our own log; 0 when it is not kept there.</param>
public sealed record ReceivedEvent(SourceKey Key, CloudEvent Event, long Position)
{
    /// <summary>UUIDv7 of the event.</summary>
    public string Id => Event.Id;

    /// <summary>The producing store.</summary>
    public string Source => Event.Source;

    /// <summary>The producing service.</summary>
    public string Service => Key.Service;

    /// <summary>The municipality that it concerns; null for a platform event.</summary>
    public TenantId? Municipality => Key.Origin;

    /// <summary>Its number within the source.</summary>
    public long Sequence => Event.Sequence;

    /// <summary>The CloudEvent type.</summary>
    public string Type => Event.Type;

    /// <summary>What it is about.</summary>
    public string Subject => Event.Subject;

    /// <summary>When it was logged.</summary>
    public DateTimeOffset Time => Event.Time.ToDateTimeOffset();

    /// <summary>Who acted.</summary>
    public string Actor => Event.Actor;
}

/// <summary>What a service does when events arrive, for one kind of its stores.</summary>
/// <typeparam name="TStore">The store that is written.</typeparam>
/// <typeparam name="TTenant">The service's store of one municipality.</typeparam>
/// <typeparam name="TPlatform">The service's platform store.</typeparam>
public sealed class Reactions<TStore, TTenant, TPlatform>
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
    private readonly Dictionary<(string Service, string Type), List<Reaction>> _byType = [];

    /// <summary>
    /// None of them raises an event, but those that say they may. What is heard then need not wait for the disk: should the
    /// power fail, <c>applied</c> goes back with it, and it is read again where it stands. One that raises all the same fails.
    /// </summary>
    public bool OnlyListen { get; set; }

    internal abstract class Reaction
    {
        /// <summary>Whether it prepares, and so may look at what earlier events left.</summary>
        public abstract bool Prepares { get; }

        /// <summary>Whether it may raise events where the others only listen: what is applied with it waits for the disk.</summary>
        public required bool MayRaise { get; init; }

        public abstract Task<object?> PrepareAsync(IMessage data, ReceivedEvent received, CallScope<TTenant, TPlatform> scope);

        public abstract void Apply(IMessage data, object? prepared, ReceivedEvent received, WriteSession<TStore> session);
    }

    /// <summary>Services whose municipalities' events are followed.</summary>
    internal IEnumerable<string> FollowedTenants => Followed(platform: false);

    /// <summary>Services whose platform events are followed.</summary>
    internal IEnumerable<string> FollowedPlatforms => Followed(platform: true);

    /// <summary>Applies an event inside the write.</summary>
    /// <param name="service">Producing service.</param>
    /// <param name="apply">Synchronous; a fact that contradicts our state is stored as a discrepancy, not thrown.</param>
    /// <param name="mayRaise">Only where <see cref="OnlyListen"/> holds for the others: this one may raise events.</param>
    public void On<TEvent>(string service, Action<TEvent, ReceivedEvent, WriteSession<TStore>> apply, bool mayRaise = false) where TEvent : IMessage<TEvent>, new() =>
        Add<TEvent>(service, new Reaction<TEvent, object?>(null, (data, _, received, session) => apply(data, received, session)) { MayRaise = mayRaise });

    /// <summary>Prepares outside the transaction, then applies. An unreachable service holds the source back and never parks.</summary>
    public void On<TEvent, TPrepared>(
        string service, Func<TEvent, ReceivedEvent, CallScope<TTenant, TPlatform>, Task<TPrepared>> prepare,
        Action<TEvent, TPrepared, ReceivedEvent, WriteSession<TStore>> apply, bool mayRaise = false) where TEvent : IMessage<TEvent>, new() =>
        Add<TEvent>(service, new Reaction<TEvent, TPrepared>(prepare, apply) { MayRaise = mayRaise });

    internal IReadOnlyList<Reaction> For(string service, string type) => _byType.GetValueOrDefault((service, type)) ?? (IReadOnlyList<Reaction>)[];

    /// <summary>Better at the start than a reaction that never sees its event.</summary>
    internal void RequireVisibleTo(string follower)
    {
        var hidden = _byType.Keys.Select(key => EventTypes.Find(key.Type)!).FirstOrDefault(type => type.OnlyService.Length > 0 && type.OnlyService != follower);
        if (hidden is not null) throw new InvalidOperationException($"{follower} may not see {hidden.Name}: it is for {hidden.OnlyService} only.");
    }

    internal bool Prepares(string service, string cloudType) =>
        EventTypes.NameOf(cloudType) is { } name && For(service, name).Any(reaction => reaction.Prepares);

    private IEnumerable<string> Followed(bool platform) => _byType.Keys
        .Where(key => EventTypes.Find(key.Type)!.IsPlatform == platform).Select(key => key.Service).Distinct();

    private void Add<TEvent>(string service, Reaction reaction) where TEvent : IMessage<TEvent>, new()
    {
        var key = (service, EventTypes.Of(new TEvent().Descriptor).Name);
        if (!_byType.TryGetValue(key, out var reactions)) _byType.Add(key, reactions = []);
        reactions.Add(reaction);
    }

    private sealed class Reaction<TEvent, TPrepared>(
        Func<TEvent, ReceivedEvent, CallScope<TTenant, TPlatform>, Task<TPrepared>>? prepare,
        Action<TEvent, TPrepared, ReceivedEvent, WriteSession<TStore>> apply) : Reaction where TEvent : IMessage<TEvent>
    {
        public override bool Prepares => prepare is not null;

        public override async Task<object?> PrepareAsync(IMessage data, ReceivedEvent received, CallScope<TTenant, TPlatform> scope) =>
            prepare is null ? null : await prepare((TEvent)data, received, scope);

        public override void Apply(IMessage data, object? prepared, ReceivedEvent received, WriteSession<TStore> session) =>
            apply((TEvent)data, (TPrepared)prepared!, received, session);
    }
}
