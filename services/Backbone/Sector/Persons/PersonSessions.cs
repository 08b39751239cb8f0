using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Sector.Persons;

/// <summary>What a use case of this sector asks of the store that it reads or writes.</summary>
public static class PersonSessions
{
    extension<TStore>(WriteSession<TStore> session) where TStore : StoreContext
    {
        /// <summary>The persons of this store.</summary>
        public Persons Persons => new(session.Statement, session.Keys);
    }

    extension<TStore>(ReadSession<TStore> session) where TStore : StoreContext
    {
        /// <summary>The persons of this store.</summary>
        public Persons Persons => new(session.Statement, session.Keys);
    }
}
