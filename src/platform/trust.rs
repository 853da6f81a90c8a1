//! Whom to believe about a database: in a folder where others may make files too, a name beside it says nothing.
//!
//! What stands beside a database *counts* if whoever may have made it could have changed the database itself, so that
//! nothing is gained by it. Two questions are asked:
//!
//! - Does it **exclude** others, as a lock file and a queue do? It does if its owner may write the database or put another
//!   one in its place: they are this user, root, the owner of the database or of the folder; anybody where the database may
//!   be written by everybody, or by a group that they are in; and in a folder without the sticky bit anybody, since
//!   only those who may rename what is there can have put it there.
//! - Is it **believed**, as what a journal, a copy, a backup or a schema says is? It is if its owner is this user, root or
//!   the owner of the database, or may write the database, or is of the team for which the folder is (one that a group may
//!   write to, but not everybody, without the sticky bit); and if nobody else may write to it. A file that does not say itself
//!   for which place it was made, as a backup, has one name only where strangers may make others.
//!
//! What the owner of a file may do by an access list is not asked: who is only named there is not believed.

use std::fmt::{self, Display, Formatter};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::attributes::Stat;
use super::host::user_called;

/// In a folder with this bit, files are removed and renamed by their owners only.
const STICKY: u32 = 0o1000;
const GROUP_WRITES: u32 = 0o020;
const ALL_WRITE: u32 = 0o002;
const ROOT: u32 = 0;

/// Why a file is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Doubt {
    /// It is of this user, who may not change the database.
    Stranger(u32),
    /// Others may write to it than to the database.
    Open,
    /// It has a second name, which anybody may have given it.
    SecondName,
    /// It is a folder, a link or a pipe, where a file would be.
    NoFile,
    /// It is somebody's link to another place.
    LeadsAway(u32),
}

impl Display for Doubt {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger(user) => write!(f, "it belongs to {}, who may not change the database", user_called(*user)),
            Self::Open => f.write_str("others may write to it than to the database"),
            Self::SecondName => f.write_str("it has a second name"),
            Self::NoFile => f.write_str("it is no regular file"),
            Self::LeadsAway(user) => write!(f, "it is a link of {} to another place", user_called(*user)),
        }
    }
}

/// Who may have changed a database, and thus is believed about it.
#[derive(Clone, Debug)]
pub struct Trust {
    me: u32,
    /// The database, if there is such a file.
    database: Option<Stat>,
    /// The folder of the files that are judged.
    folder: Option<Stat>,
}

impl Trust {
    /// About what stands beside a database.
    #[must_use]
    pub fn beside(database: &Path) -> Self {
        Self::within(folder_of(database), database)
    }

    /// About what stands in another folder, and is for a database.
    #[must_use]
    pub fn within(folder: &Path, database: &Path) -> Self {
        let database = database.symlink_metadata().ok().filter(Metadata::is_file);
        let folder = folder.metadata().ok();
        Self {
            me: rustix::process::geteuid().as_raw(),
            database: database.as_ref().map(Stat::from),
            folder: folder.as_ref().map(Stat::from),
        }
    }

    /// Whether strangers may make files there, and others cannot take them away.
    #[must_use]
    pub fn is_among_strangers(&self) -> bool {
        self.folder.is_none_or(|folder| folder.mode & (STICKY | ALL_WRITE) != 0)
    }

    /// Whether anything beside a database may be of strangers who cannot be kept from locking it otherwise: the folder has
    /// the sticky bit.
    #[must_use]
    pub fn may_be_strange(database: &Path) -> bool {
        let folder = folder_of(database).metadata();
        folder.is_ok_and(|folder| folder.mode() & STICKY != 0)
    }

    /// Whether a file excludes others from the database.
    #[must_use]
    pub fn excludes(&self, file: &Metadata) -> bool {
        // Whoever may make files there may make the database.
        self.database.is_none() || self.may_be_of_a_partner(file)
    }

    /// Whether a file is of somebody who may write the database, or put another one there.
    #[must_use]
    pub fn may_be_of_a_partner(&self, file: &Metadata) -> bool {
        let owner = file.uid();
        let is_sticky = self.folder.is_none_or(|folder| folder.mode & STICKY != 0);
        !is_sticky
            || self.is_one_of_us(owner)
            || self.folder.is_some_and(|folder| folder.owner == owner)
            || self.may_write(file)
    }

    /// Whether what a file says is believed, if it says itself for which place that is.
    #[must_use]
    pub fn believes(&self, file: &Metadata) -> bool {
        self.doubt_of_author(file).is_none()
    }

    /// Why what a file says is not believed, if its place alone says for what that is.
    #[must_use]
    pub fn doubt(&self, file: &Metadata) -> Option<Doubt> {
        let is_linked = !file.is_dir() && file.nlink() > 1 && self.is_among_strangers();
        self.doubt_of_author(file).or_else(|| is_linked.then_some(Doubt::SecondName))
    }

    /// Why the author of a file is not believed.
    #[must_use]
    pub fn doubt_of_author(&self, file: &Metadata) -> Option<Doubt> {
        if !(self.is_one_of_us(file.uid()) || self.may_write(file) || self.is_of_team()) {
            return Some(Doubt::Stranger(file.uid()));
        }
        let writers = if file.is_symlink() { 0 } else { file.mode() };
        let group_is_known = self.group_may_write(file.gid())
            || (self.is_of_team() && self.folder.is_some_and(|folder| folder.group == file.gid()));
        let is_open =
            (writers & ALL_WRITE != 0 && !self.all_may_write()) || (writers & GROUP_WRITES != 0 && !group_is_known);
        is_open.then_some(Doubt::Open)
    }

    /// This user, root, and the owner of the database.
    fn is_one_of_us(&self, owner: u32) -> bool {
        owner == self.me || owner == ROOT || self.database.is_some_and(|database| database.owner == owner)
    }

    /// Whether the owner of a file may write the database, as everybody may, or as one of its group. The group of the file
    /// proves nothing: folders give theirs to any file.
    fn may_write(&self, file: &Metadata) -> bool {
        self.all_may_write()
            || self
                .database
                .is_some_and(|database| database.mode & GROUP_WRITES != 0 && is_member(file.uid(), database.group))
    }

    /// Whether a user whose file in this folder is believed may write the database, so that it stays its owner's by that.
    #[must_use]
    pub fn lets_write(&self, user: u32) -> bool {
        self.database.is_some_and(|database| {
            let is_of_group = || {
                let is_teams = self.is_of_team() && self.folder.is_some_and(|folder| folder.group == database.group);
                is_teams || is_member(user, database.group)
            };
            database.owner == user || self.all_may_write() || (database.mode & GROUP_WRITES != 0 && is_of_group())
        })
    }

    fn all_may_write(&self) -> bool {
        self.database.is_some_and(|database| database.mode & ALL_WRITE != 0)
    }

    fn group_may_write(&self, group: u32) -> bool {
        self.database.is_some_and(|database| database.mode & GROUP_WRITES != 0 && database.group == group)
    }

    /// Whether only those may put files there who may put another database there.
    fn is_of_team(&self) -> bool {
        self.folder.is_some_and(|folder| folder.mode & (STICKY | ALL_WRITE) == 0)
    }

    /// Whether whoever made what this is of may say something about the database, whoever else may write to it.
    #[must_use]
    pub fn is_of_believed(&self, metadata: &Metadata) -> bool {
        !matches!(self.doubt_of_author(metadata), Some(Doubt::Stranger(_)))
    }

    /// Whether the owner of a file that stands elsewhere is believed about the database, if nobody else can have written it.
    #[must_use]
    pub fn believes_of_afar(&self, owner: u32) -> bool {
        self.is_one_of_us(owner) || self.all_may_write()
    }

    /// Whether a file is of this user or of root, who may give files any owner and permissions.
    #[must_use]
    pub fn is_of_me_or_root(&self, owner: u32) -> bool {
        owner == self.me || owner == ROOT
    }
}

/// Whether a user is in a group.
fn is_member(user: u32, group: u32) -> bool {
    uzers::get_user_by_uid(user).is_some_and(|user| {
        let others = || uzers::get_user_groups(user.name(), user.primary_group_id()).unwrap_or_default();
        user.primary_group_id() == group || others().iter().any(|of| of.gid() == group)
    })
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Who may take away what stands in a folder, besides whoever asks and root.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reach {
    /// The owner of the folder.
    owner: Option<u32>,
    /// Those of this group.
    group: Option<u32>,
    /// Everybody.
    all: bool,
}

impl Reach {
    /// Of this folder.
    #[must_use]
    pub fn of(folder: &Stat) -> Self {
        let may = |who: u32| folder.mode & STICKY == 0 && folder.mode & who != 0;
        Self {
            owner: Some(folder.owner).filter(|owner| !Self::is_ours(*owner)),
            group: may(GROUP_WRITES).then_some(folder.group),
            all: may(ALL_WRITE),
        }
    }

    /// Whether a file or folder is of whoever asks, or of root.
    #[must_use]
    pub fn is_ours(owner: u32) -> bool {
        owner == rustix::process::geteuid().as_raw() || owner == ROOT
    }

    /// How many these are: the more, the larger.
    #[must_use]
    pub fn openness(self) -> u32 {
        u32::from(self.all) * 4 + u32::from(self.owner.is_some()) * 2 + u32::from(self.group.is_some())
    }

    /// Whether these are not one alone.
    #[must_use]
    pub fn is_of_many(self) -> bool {
        self.all || self.group.is_some()
    }
}
