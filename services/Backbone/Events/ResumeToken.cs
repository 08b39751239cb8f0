using System.Buffers.Text;
using System.Globalization;
using System.Text;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Events;

/// <summary>A point of one store's log, opaque to clients: store, epoch and position.</summary>
public static class ResumeToken
{
    /// <summary>What is wrong with a text that is no token.</summary>
    public const string NoToken = "Is no token of this service.";

    /// <summary>The token behind a position.</summary>
    public static string After(StoreName store, string epoch, long position) =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"{store}|{epoch}|{position}"));

    /// <summary>The position that a token stands behind; 0 for an empty one.</summary>
    /// <exception cref="RefusalException">TOKEN_OF_ANOTHER_STORE: of another store, or from before a restore, or behind its end; INVALID_FIELDS: no token at all.</exception>
    public static long Position(string token, StoreName store, string epoch, long head)
    {
        if (token.Length == 0) return 0;
        if (Read(token) is not var (name, era, position)) throw Refusal.Fields([new FieldViolation { Field = "after", Description = NoToken }]).ToException();
        if (name != store.ToString()) throw Refusal.Of(ErrorReason.TokenOfAnotherStore, "The resume token is of another store.").ToException();
        if (era != epoch) throw OfAnotherEpoch();
        // Behind the end of the log: a part of it was lost, and reading on would skip what took its place.
        if (position > head) throw Refusal.Of(ErrorReason.TokenOfAnotherStore, "The store does not reach this point; read it from the start.").ToException();
        return position;
    }

    /// <summary>Whether it may be a token, of whatever store.</summary>
    public static bool IsWellFormed(string token) => token.Length == 0 || Read(token) is not null;

    private static (string Store, string Epoch, long Position)? Read(string token)
    {
        var parts = Base64Url.IsValid(token) ? Encoding.ASCII.GetString(Base64Url.DecodeFromChars(token)).Split('|') : [];
        return parts is [var name, var epoch, var text] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? (name, epoch, position)
            : null;
    }

    extension<TStore>(ReadSession<TStore> session) where TStore : StoreContext
    {
        /// <summary>The resume token of this log behind a position.</summary>
        public string TokenAfter(long position) => After(session.Name, session.Epoch, position);

        /// <summary>The position of this log that a resume token stands behind; 0 for an empty one.</summary>
        /// <exception cref="RefusalException">TOKEN_OF_ANOTHER_STORE; INVALID_FIELDS: no token at all.</exception>
        public long PositionOf(string token) => Position(token, session.Name, session.Epoch, EventLog.Head(session));
    }

    /// <summary>The store was restored: positions from before mean nothing in it.</summary>
    internal static RefusalException OfAnotherEpoch() =>
        Refusal.Of(ErrorReason.TokenOfAnotherStore, "The store was restored since; read it from the start.").ToException();
}
